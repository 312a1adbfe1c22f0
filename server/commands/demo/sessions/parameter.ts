import { backspace, go, look, type Session, type } from '../session.ts';

const text = `package tax

// Gross is a price with tax.
func Gross(n float64, rate float64) float64 {
	return n + n*rate
}

// Net is a price without its tax.
func Net(n float64, rate float64) float64 {
	return n / (1 + rate)
}
`;

/** A parameter gets a better name: it is used on the very next line, and another function has one of that name. */
export const parameter: Session = {
  name: 'parameter',
  title: 'A parameter gets a better name; the one of the same name in the next function keeps it',
  file: 'tax.go',
  languageId: 'go',
  text,
  moves: [go({ behind: 'Gross(n' }), backspace(1), type('price'), look()],
  goal: text
    .replace('Gross(n float64', 'Gross(price float64')
    .replace('return n + n*rate', 'return price + price*rate'),
};
