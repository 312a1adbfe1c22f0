import { backspace, go, look, type Session, type } from '../session.ts';

const text = `"""Turns a week of weather readings into a short report."""

from dataclasses import dataclass


@dataclass
class Reading:
    day: str
    temp: float
    rain: float


def mean(readings: list[Reading]) -> float:
    return sum(reading.temp for reading in readings) / len(readings)


def warmest(readings: list[Reading]) -> Reading:
    return max(readings, key=lambda reading: reading.temp)


def coldest(readings: list[Reading]) -> Reading:
    return min(readings, key=lambda reading: reading.temp)


def report(readings: list[Reading]) -> str:
    lines = [f"{reading.day}: {reading.temp:.1f} °C, {reading.rain:.1f} mm" for reading in readings]
    lines.append(f"mean {mean(readings):.1f} °C")
    lines.append(f"from {coldest(readings).temp:.1f} to {warmest(readings).temp:.1f} °C")
    return "\\n".join(lines)
`;

/** A field gets a better name: its other uses follow one after another. */
export const rename: Session = {
  name: 'rename',
  title: 'A field gets a better name; its uses follow',
  file: 'weather.py',
  languageId: 'python',
  text,
  moves: [go({ behind: '    temp' }), backspace(4), type('celsius'), look()],
  goal: text.replace(/\btemp\b/g, 'celsius'),
};
