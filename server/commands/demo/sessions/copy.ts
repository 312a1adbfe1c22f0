import { backspace, go, look, paste, type Session, type } from '../session.ts';

const badge = `
.badge-info {
  color: var(--info);
  border-color: var(--info-border);
}

.badge-info::before {
  background: var(--info);
}
`;

const text = `.badge {
  padding: 0.2rem 0.6rem;
  border: 1px solid;
}
${badge}`;

/** Two rules are pasted below themselves, and the name is changed in the first: the rest of the copy follows, the original stays. */
export const copy: Session = {
  name: 'copy',
  title: 'Two rules are copied and one gets another name; the rest of the copy follows',
  file: 'badges.css',
  languageId: 'css',
  text,
  moves: [
    go({ behind: 'background: var(--info);\n}\n' }),
    paste(badge),
    go({ behind: 'badge-info', nth: 3 }),
    backspace(4),
    type('error'),
    look(),
  ],
  goal: text + badge.replaceAll('info', 'error'),
};
