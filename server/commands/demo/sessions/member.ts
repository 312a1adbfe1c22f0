import { go, look, type Session, type } from '../session.ts';

const text = `#[derive(Clone, Copy)]
pub enum Unit {
    Metre,
    Litre,
    Second,
}

pub fn name(unit: Unit) -> &'static str {
    match unit {
        Unit::Metre => "metre",
        Unit::Litre => "litre",
        Unit::Second => "second",
    }
}
`;

/** An enumeration gets one more member: the `match` gets an arm for it. */
export const member: Session = {
  name: 'member',
  title: 'An enumeration gets a member; the match over it gets an arm',
  file: 'unit.rs',
  languageId: 'rust',
  text,
  moves: [go({ behind: '    Second,' }), type('\n    Kelvin,'), look()],
  goal: text
    .replace('    Second,\n', '    Second,\n    Kelvin,\n')
    .replace('=> "second",\n', '=> "second",\n        Unit::Kelvin => "kelvin",\n'),
};
