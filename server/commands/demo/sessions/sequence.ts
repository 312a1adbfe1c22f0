import { go, look, type Session, type } from '../session.ts';

const text = `package shop

import "fmt"

type Order struct {
	Customer string
	Street   string
	City     string
	Country  string
}

func (o Order) Validate() error {
	return nil
}
`;

const check = (field: string, name: string) => `	if o.${field} == "" {
		return fmt.Errorf("order: ${name} is missing")
	}
`;
const written = check('Customer', 'customer');

/** The start of a sequence is typed: the rest comes as ghost text. */
export const sequence: Session = {
  name: 'sequence',
  title: 'A sequence is started; the next of its kind comes as ghost text',
  file: 'order.go',
  languageId: 'go',
  text,
  moves: [
    go({ before: '	return nil' }),
    type(written),
    type(check('Street', 'street')),
    type(check('City', 'city')),
    type(check('Country', 'country')),
    look('codeActionAll'),
  ],
  goal: text.replace(
    '	return nil',
    `${written}${check('Street', 'street')}${check('City', 'city')}${check('Country', 'country')}	return nil`,
  ),
};
