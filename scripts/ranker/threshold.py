"""Says which threshold keeps the precision wanted on repositories not seen, from cross-validated scores.

Usage: threshold.py MODEL.json SCORES.npy ROWS_PREFIX...   (SCORES as saved by fit.py --scores)

Precision differs from repository to repository, so the threshold at which it is met on average is missed half of the
time. This draws many samples of 8 repositories with up to 150 cases each, the size of the held-out set, and prints for
each threshold the mean precision and recall and the share of samples that reach the precision wanted.
"""
import json
import sys

import numpy as np

from fit import load

WANTED, REPOSITORIES, CASES, DRAWS = 0.5, 8, 150, 2000


def main(model, scores, *prefixes):
    meta, rows = load(prefixes)
    score = np.load(scores)
    told = ~np.isnan(score)
    rows, score = rows[told], score[told]
    p = np.interp(score, *zip(*json.load(open(model))['calibration']))
    case, group, y = (rows[:, i].astype(int) for i in range(3))
    # As pickHunk does: the next one from the cursor's line on downwards, else the nearest above; those that are less than
    # half as certain as another one after all others.
    away = rows[:, 3] - rows[:, 4]
    best = np.zeros(case.max() + 1)
    np.maximum.at(best, case, p)
    far = np.abs(away).max() + 1
    pick = -np.where(away < 0, far - away, away) - np.where(p < 0.5 * best[case], 4 * far, 0)
    rng = np.random.RandomState(3)
    repositories = len(meta['groups'])
    sizes = np.array([g['cases'] for g in meta['groups']])
    for threshold in np.arange(0.15, 0.36, 0.01):
        shown = np.where(p >= threshold)[0]
        order = shown[np.lexsort((pick[shown], case[shown]))]
        first = order[np.r_[case[order][1:] != case[order][:-1], True]]
        predicted = np.bincount(group[first], minlength=repositories) / sizes
        right = np.bincount(group[first], weights=y[first], minlength=repositories) / sizes
        reached, recalls, precisions = 0, [], []
        for _ in range(DRAWS):
            drawn = rng.choice(repositories, REPOSITORIES, replace=False)
            n = np.minimum(sizes[drawn], CASES)
            tried = rng.binomial(n, predicted[drawn])
            hit = rng.binomial(tried, right[drawn] / np.maximum(predicted[drawn], 1e-9))
            precisions.append(hit.sum() / max(tried.sum(), 1))
            recalls.append(hit.sum() / n.sum())
            reached += precisions[-1] >= WANTED
        print(f'{threshold:.2f}: precision {np.mean(precisions):.3f}, recall {np.mean(recalls):.4f}, '
              f'reached in {reached / DRAWS:.3f} of the samples')


if __name__ == '__main__':
    main(*sys.argv[1:])
