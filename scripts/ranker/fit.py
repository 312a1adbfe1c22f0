"""Fits the pattern engine's ranker on rows written by dump.ts and writes the model that the engine loads.

Usage: fit.py MODEL.json ROWS_PREFIX... [--trees N] [--folds N] [--scores FILE]

Cross-validates by repository first: the curve it prints, and the calibration it stores, come from predictions for
repositories that the trees in question have not seen, and from cases as they were cut, not from those rewritten as
live editing. Then fits on everything.

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

PARAMS = dict(objective='binary', learning_rate=0.06, num_leaves=31, min_data_in_leaf=60, feature_fraction=0.6,
              bagging_fraction=0.8, bagging_freq=1, lambda_l2=5, max_bin=127, verbose=-1, num_threads=2, seed=1,
              deterministic=True, force_row_wise=True)
FOLDS = 5
HOPELESS, EASY = 0.006, 8
HEAD = 6  # case, group, label, start, cursor, live


def load(prefixes):
    """The rows of several dumps as one, their cases and groups numbered on."""
    meta, parts = None, []
    for prefix in prefixes:
        more = json.load(open(prefix + '.json'))
        rows = np.fromfile(prefix + '.f32', dtype=np.float32).reshape(-1, len(more['columns']))
        if meta is None:
            meta = more
        else:
            rows[:, 0] += len(meta['langs'])
            rows[:, 1] += len(meta['groups'])
            for key in ('groups', 'langs', 'live'):
                meta[key] += more[key]
        parts.append(rows)
    return meta, np.concatenate(parts)


def thin(X, y, w, names):
    """Which rows to learn from, and their weights: of those that a small model finds hopeless, one in EASY stands for all."""
    rng = np.random.RandomState(2)
    some = rng.rand(len(y)) < 0.15
    p = fit(X[some], y[some], w[some], names, 40).predict(X)
    easy = (p < HOPELESS) & (y == 0)
    keep = ~easy | (rng.rand(len(y)) < 1 / EASY)
    return keep, np.where(easy, w * EASY, w)


def fit(X, y, w, names, trees):
    data = lgb.Dataset(X, y, weight=w, feature_name=[name.replace(':', '_') for name in names])
    return lgb.train(PARAMS, data, trees)


def best_of_each_case(case, p):
    order = np.lexsort((p, case))
    return order[np.r_[case[order][1:] != case[order][:-1], True]]


def report(case, y, p, cases):
    best = best_of_each_case(case, p)
    order = np.argsort(-p[best])
    right = np.cumsum(y[best][order])
    shown = np.arange(1, len(order) + 1)
    for wanted in (0.8, 0.7, 0.6, 0.55, 0.5, 0.45, 0.4):
        at = np.where(right / shown >= wanted)[0]
        if len(at):
            i = at[-1]
            print(f'precision {wanted:.2f}: recall {right[i] / cases:.4f} at threshold {p[best][order][i]:.3f}')


def calibrate(score, y):
    """Isotonic regression, thinned to a few knots so that it stays a smooth, strictly described table."""
    fitted = IsotonicRegression(out_of_bounds='clip').fit(score, y)
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
    parser.add_argument('rows', nargs='+', help='prefixes given to dump.ts')
    parser.add_argument('--trees', type=int, default=350)
    parser.add_argument('--folds', type=int, default=FOLDS, help='how many of the folds to test')
    parser.add_argument('--scores', help='also save the cross-validated raw scores here')
    args = parser.parse_args()
    meta, rows = load(args.rows)
    names = meta['columns'][HEAD:]
    case, group, y, live = (rows[:, i].astype(int) for i in (0, 1, 2, 5))
    X = rows[:, HEAD:]
    cases = sum(g['cases'] for g in meta['groups'])
    # A case with hundreds of candidates should not outweigh the others.
    w = np.minimum(1, 20 / np.bincount(case)[case])
    keep, w = thin(X, y, w, names)
    fold = np.random.RandomState(0).permutation(len(meta['groups'])) % FOLDS
    score = np.full(len(rows), np.nan)
    cut = live == 0
    for f in range(args.folds):
        seen = fold[group] != f
        model = fit(X[seen & keep], y[seen & keep], w[seen & keep], names, args.trees)
        score[~seen & cut] = model.predict(X[~seen & cut], raw_score=True)
        print('fold', f, flush=True)
    print(f"{cases} cases of {len(meta['groups'])} repositories, {len(rows)} candidates, "
          f'right in {len(np.unique(case[(y == 1) & cut])) / cases:.4f} of the cases')
    told = ~np.isnan(score)
    table = calibrate(score[told], y[told])
    p = np.interp(score[told], *zip(*table))
    tested = sum(g['cases'] for g, f in zip(meta['groups'], fold) if f < args.folds)
    report(case[told], y[told], p, tested)
    if args.scores:
        np.save(args.scores, score)
    nodes, roots = encode(fit(X[keep], y[keep], w[keep], names, args.trees))
    with open(args.model, 'w') as f:
        json.dump({'features': names, 'calibration': table, 'roots': roots, 'nodes': nodes}, f, indent=1)
        f.write('\n')


if __name__ == '__main__':
    main()
