"""Fits the pattern engine's ranker on rows written by dump.ts and writes the model that the engine loads.

Usage: fit.py MODEL.json ROWS_PREFIX... [--trees N] [--leaves N] [--seeds N] [--folds N]
       [--weights SET=W,...]

Cross-validates by repository first: the curves it prints, and the calibration it stores, come from predictions for
repositories that the trees in question have not seen. Then fits on everything.

Each set of cases has a weight; what a case's candidates weigh together is bounded, so that one with hundreds of them
does not outweigh the others. The calibration goes by the sets of WEIGHTS as they are weighted.

Several forests that differ in what they draw (SEEDS) are fitted and averaged, which errs less than one of their size.

The model: `features`, the names in order; `thresholds`, base64 of float32, those of the first feature first, ascending,
and `counts`, how many each feature has; `nodes`, base64 of 4-byte records in pre-order: the feature's index (uint8, 255
for a leaf) and which of its thresholds (uint8), then the offset to the right child (uint16, the left one is next) or the
leaf's value in units of `unit` (int16), little endian; `roots`, the index of each tree's first node; `calibration`, pairs
of raw score and probability, to be interpolated linearly.
"""
import argparse
import base64
import json
import struct

import lightgbm as lgb
import numpy as np
from sklearn.isotonic import IsotonicRegression

PARAMS = dict(objective='binary', learning_rate=0.06, min_data_in_leaf=40, feature_fraction=0.5,
              bagging_fraction=0.8, bagging_freq=1, lambda_l2=5, max_bin=127, verbose=-1, num_threads=2, seed=1,
              deterministic=True, force_row_wise=True)
FOLDS = 5
HOPELESS, EASY = 0.006, 8
HEAD = 6  # case, group, label, start, cursor, set
WEIGHTS = 'cut=1.3,lines=1,finished=1,simulated=1,live=0.3,typing=1'
THRESHOLDS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7)


def load(prefixes):
    """The rows of several dumps as one: their cases numbered on, their repositories told by name."""
    meta, parts = None, []
    for prefix in prefixes:
        more = json.load(open(prefix + '.json'))
        rows = np.fromfile(prefix + '.f32', dtype=np.float32).reshape(-1, len(more['columns']))
        if meta is None:
            meta = dict(more, groups=[], cases=[])
        groups = meta['groups'] + [name for name in more['groups'] if name not in meta['groups']]
        number = np.array([groups.index(name) for name in more['groups']])
        rows[:, 0] += len(meta['cases'])
        rows[:, 1] = number[rows[:, 1].astype(int)]
        meta['cases'] += [dict(case, group=int(number[case['group']])) for case in more['cases']]
        meta['groups'] = groups
        parts.append(rows)
    return meta, np.concatenate(parts)


def thin(X, y, w, fit_small):
    """Which rows to learn from, and their weights: of those that a small model finds hopeless, one in EASY stands for all."""
    rng = np.random.RandomState(2)
    some = rng.rand(len(y)) < 0.15
    p = fit_small(X[some], y[some], w[some]).predict(X)
    easy = (p < HOPELESS) & (y == 0)
    keep = ~easy | (rng.rand(len(y)) < 1 / EASY)
    return keep, np.where(easy, w * EASY, w)


class Forests:
    """Their mean."""

    def __init__(self, boosters):
        self.boosters = boosters

    def predict(self, X, **options):
        return np.mean([booster.predict(X, **options) for booster in self.boosters], axis=0)

    def importance(self):
        return sum(booster.feature_importance('gain') for booster in self.boosters)


def fit(X, y, w, names, trees, leaves, seeds=1):
    data = lgb.Dataset(X, y, weight=w, feature_name=[name.replace(':', '_') for name in names], free_raw_data=False)
    drawn = [dict(bagging_seed=seed, feature_fraction_seed=seed + 100) for seed in range(1, seeds + 1)]
    return Forests([lgb.train(PARAMS | dict(num_leaves=leaves, **draw), data, trees) for draw in drawn])


def first_shown(rows, p, threshold):
    """The rows that are offered first: of those likely enough the nearest, below the cursor before above it."""
    shown = np.where(p >= threshold)[0]
    away = rows[shown, 3] - rows[shown, 4]
    away = np.where(away < 0, 1e6 - away, away)
    order = shown[np.lexsort((-p[shown], away, rows[shown, 0]))]
    case = rows[order, 0]
    return order[np.r_[True, case[1:] != case[:-1]]] if len(order) else order


def report(name, rows, p, cases):
    """Precision and recall for cases that want an edit, and how many of those that want none are silent."""
    wanting = sum(1 for c in cases if c['wanted'])
    quiet = len(cases) - wanting
    index = {c['number']: c for c in cases}
    print(f'{name}: {wanting} cases want an edit, {quiet} none')
    for threshold in THRESHOLDS:
        first = first_shown(rows, p, threshold)
        spoke = sum(1 for r in first if not index[int(rows[r, 0])]['wanted'])
        right = int(rows[first, 2].sum())
        parts = [f'  {threshold:.2f}:']
        if wanting:
            parts.append(f'precision {right / max(1, len(first) - spoke):.3f} recall {right / wanting:.4f}')
        if quiet:
            parts.append(f'silent {1 - spoke / quiet:.3f}')
        print(' '.join(parts))


def calibrate(score, y, w):
    """Isotonic regression, thinned to a few knots so that it stays a smooth, strictly described table."""
    fitted = IsotonicRegression(out_of_bounds='clip').fit(score, y, w)
    knots = np.unique(np.quantile(score, np.r_[0:1:9j, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 1]).round(3))
    # Averaging a little to each side takes the steps out.
    values = [float(np.mean(fitted.predict([k - 0.15, k, k + 0.15]))) for k in knots]
    return [[float(k), round(v, 5)] for k, v in zip(knots, np.maximum.accumulate(values))]


def encode(forests, count):
    """The fields of the model that tell its trees; `count` is how many features there are."""
    thresholds = [set() for _ in range(count)]
    splits, roots = [], []

    def walk(tree):
        if 'leaf_value' in tree:
            splits.append([255, tree['leaf_value'] / len(forests.boosters), 0])
            return
        here = len(splits)
        value = np.float32(tree['threshold'])
        thresholds[tree['split_feature']].add(value)
        splits.append([tree['split_feature'], value, 0])
        walk(tree['left_child'])
        splits[here][2] = len(splits) - here
        walk(tree['right_child'])

    for booster in forests.boosters:
        for tree in booster.dump_model()['tree_info']:
            roots.append(len(splits))
            walk(tree['tree_structure'])
    known = [sorted(values) for values in thresholds]
    which = [{value: i for i, value in enumerate(values)} for values in known]
    unit = max(abs(value) for feature, value, _ in splits if feature == 255) / 32767

    def record(feature, value, right):
        if feature == 255:
            return struct.pack('<BBh', 255, 0, round(value / unit))
        return struct.pack('<BBH', feature, which[feature][value], right)

    text = lambda raw: base64.b64encode(raw).decode()
    return dict(counts=[len(values) for values in known], unit=unit, roots=roots,
                thresholds=text(np.array([v for values in known for v in values], '<f4').tobytes()),
                nodes=text(b''.join(record(*split) for split in splits)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('model')
    parser.add_argument('rows', nargs='+', help='the prefixes given to dump.ts')
    parser.add_argument('--trees', type=int, default=400)
    parser.add_argument('--leaves', type=int, default=31)
    parser.add_argument('--seeds', type=int, default=2, help='how many forests to average')
    parser.add_argument('--folds', type=int, default=FOLDS, help='how many of the folds to test')
    parser.add_argument('--weights', default=WEIGHTS, help='how much a case of each set weighs; sets not named weigh nothing')
    args = parser.parse_args()
    meta, rows = load(args.rows)
    names = meta['columns'][HEAD:]
    weights = {meta['sets'][k]: float(v) for k, v in (pair.split('=') for pair in args.weights.split(','))}
    case, group, y, which = (rows[:, i].astype(int) for i in (0, 1, 2, 5))
    X = rows[:, HEAD:]
    of_set = np.array([weights.get(s, 0.0) for s in which])
    # A case with hundreds of candidates should not outweigh the others.
    w = of_set * np.minimum(1, 20 / np.bincount(case)[case])
    used = of_set > 0
    keep = np.zeros(len(y), bool)
    keep[used], w[used] = thin(X[used], y[used], w[used], lambda *data: fit(*data, names, 40, 31))
    fold = np.random.RandomState(0).permutation(len(meta['groups'])) % FOLDS
    score = np.full(len(rows), np.nan)
    for f in range(args.folds):
        seen = fold[group] != f
        model = fit(X[seen & keep], y[seen & keep], w[seen & keep], names, args.trees, args.leaves, args.seeds)
        score[~seen] = model.predict(X[~seen], raw_score=True)
        print('fold', f, flush=True)
    if args.folds:
        told = ~np.isnan(score)
        table = calibrate(score[told & used], y[told & used], w[told & used])
        p = np.interp(np.nan_to_num(score, nan=-99), *zip(*table))
        tested = [dict(c, number=i) for i, c in enumerate(meta['cases']) if fold[c['group']] < args.folds]
        for name, number in meta['sets'].items():
            some = told & (which == number)
            of = [c for c in tested if c['set'] == number]
            if of:
                report(name, rows[some], p[some], of)
            for kind in sorted({c['kind'] for c in of} - {''}):
                these = {c['number'] for c in of if c['kind'] == kind}
                part = some & np.isin(case, list(these))
                report(f'  {name} {kind}', rows[part], p[part], [c for c in of if c['kind'] == kind])
    forests = fit(X[keep], y[keep], w[keep], names, args.trees, args.leaves, args.seeds)
    print('most telling:', ', '.join(names[i] for i in np.argsort(-forests.importance())[:25]))
    with open(args.model, 'w') as f:
        json.dump({'features': names, 'calibration': table, **encode(forests, len(names))}, f, indent=1)
        f.write('\n')


if __name__ == '__main__':
    main()
