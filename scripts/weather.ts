/** A program in which the pictures of README rename the field `temp`. */
export const weather = `from dataclasses import dataclass


@dataclass
class Reading:
    day: str
    temp: float
    rain: float


def mean(readings: list[Reading]) -> float:
    return sum(r.temp for r in readings) / len(readings)


def warmest(readings: list[Reading]) -> Reading:
    return max(readings, key=lambda r: r.temp)


def coldest(readings: list[Reading]) -> Reading:
    return min(readings, key=lambda r: r.temp)
`;
