import { go, look, type Session, type } from '../session.ts';

const text = `package store

import "sync"

// Store keeps counters that several goroutines use.
type Store struct {
	mu     sync.Mutex
	counts map[string]int
}

func (s *Store) Add(name string, n int) {
	s.counts[name] += n
}

func (s *Store) Get(name string) int {
	return s.counts[name]
}

func (s *Store) Reset(name string) {
	delete(s.counts, name)
}

func (s *Store) Len() int {
	return len(s.counts)
}

func (s *Store) Clear() {
	clear(s.counts)
}
`;

const locked = '\n\ts.mu.Lock()\n\tdefer s.mu.Unlock()';

/** Lines are put at the top of one method: in the next they come as ghost text, in the rest by one code action. */
export const block: Session = {
  name: 'block',
  title: 'A method gets two lines; in the next ones they come as ghost text, in the rest by one code action',
  file: 'store.go',
  languageId: 'go',
  text,
  moves: [
    go({ behind: 'Add(name string, n int) {' }),
    type(locked),
    go({ behind: 'Get(name string) int {' }),
    type(locked),
    go({ behind: 'Reset(name string) {' }),
    type(locked),
    look('codeActionAll'),
  ],
  goal: text.replace(/(?<=^func .*\{)$/gm, locked),
};
