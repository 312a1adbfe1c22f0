"""Fits the pattern engine's ranker on rows written by dump.ts and writes the model that the engine loads.

Usage: fit.py MODEL.json ROWS_PREFIX... [--trees N] [--leaves N] [--folds N] [--weights SET=W,...]

Cross-validates by repository first: the curves it prints, and the calibration it stores, come from predictions for
repositories that the trees in question have not seen. Then fits on everything.

Each set of cases has a weight; what a case's candidates weigh together is bounded, so that one with hundreds of them
does not outweigh the others. The calibration goes by the sets of WEIGHTS as they are weighted.

The model: `features`, the names in order; `nodes`, base64 of 7-byte records in pre-order, each the feature's index
(uint8, 255 for a leaf), the threshold or the leaf's value (float32), and the offset to the right child (uint16,
the left one is next; 0 for a leaf), little endian; `roots`, the index of each tree's first node; `calibration`,
pairs of raw score and probability, to be interpolated linearly.
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
WEIGHTS = 'cut=1.1,lines=1,finished=0.7,simulated=1,live=0.4,typing=0.5'
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


def fit(X, y, w, names, trees, leaves):
    data = lgb.Dataset(X, y, weight=w, feature_name=[name.replace(':', '_') for name in names])
    return lgb.train(PARAMS | dict(num_leaves=leaves), data, trees)


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


def encode(booster):
    nodes, roots = [], []

    def walk(tree):
        if 'leaf_value' in tree:
            nodes.append([255, tree['leaf_value'], 0])
            return
        here = len(nodes)
        nodes.append([tree['split_feature'], tree['threshold'], 0])
        walk(tree['left_child'])
        nodes[here][2] = len(nodes) - here
        walk(tree['right_child'])

    for tree in booster.dump_model()['tree_info']:
        roots.append(len(nodes))
        walk(tree['tree_structure'])
    return base64.b64encode(b''.join(struct.pack('<BfH', *node) for node in nodes)).decode(), roots


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('model')
    parser.add_argument('rows', nargs='+', help='the prefixes given to dump.ts')
    parser.add_argument('--trees', type=int, default=350)
    parser.add_argument('--leaves', type=int, default=31)
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
        model = fit(X[seen & keep], y[seen & keep], w[seen & keep], names, args.trees, args.leaves)
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
    booster = fit(X[keep], y[keep], w[keep], names, args.trees, args.leaves)
    gain = booster.feature_importance('gain')
    print('most telling:', ', '.join(names[i] for i in np.argsort(-gain)[:25]))
    nodes, roots = encode(booster)
    with open(args.model, 'w') as f:
        json.dump({'features': names, 'calibration': table, 'roots': roots, 'nodes': nodes}, f, indent=1)
        f.write('\n')


if __name__ == '__main__':
    main()
