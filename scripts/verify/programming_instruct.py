"""Compares what `data` makes of processes with what the scripts of CursorCore's authors make of the same.

Usage: programming_instruct.py AUTHORS SHARED.json

AUTHORS is a clone of the authors' repository, of which nothing is copied here; SHARED.json is what programming_instruct.ts
wrote. Needs the package Levenshtein, as theirs do. Compared are the segments between two texts, the texts on the way when
they are made in a given order, and the conversations in the three formats. Then their own sampling is run on the processes,
with a judge and writers that agree to everything, for the kinds of conversations that come of it.
"""
import argparse, collections, json, os, random, re, subprocess, sys, tempfile, types


def segments(theirs, shared):
    """How many processes have the same segments; of the others, in what way they differ."""
    same, ways, examples = 0, collections.Counter(), []
    for one in shared:
        blocks = [(start, [l[2:] for l in block if l.startswith('- ')], [l[2:] for l in block if l.startswith('+ ')])
                  for block, start in theirs.generate_diff_blocks(one['before'], one['after'])]
        ours = [(s['start'], s['removed'], s['added']) for s in one['segments']]
        if blocks == ours:
            same += 1
        else:
            ways['more' if len(blocks) > len(ours) else 'fewer' if len(blocks) < len(ours) else 'as many, elsewhere'] += 1
            examples.append((one['id'], len(blocks), len(ours)))
    return same, ways, examples


def steps(theirs, shared):
    """Of the processes with the same number of segments: how many have the same texts on the way; and who reaches the last."""
    same = compared = reached = 0
    for one in shared:
        blocks = theirs.generate_diff_blocks(one['before'], one['after'])
        if theirs.apply_selected_blocks(one['before'], blocks, list(range(len(blocks)))) == one['after']:
            reached += 1
        if len(blocks) != len(one['segments']):
            continue
        compared += 1
        texts = [theirs.apply_selected_blocks(one['before'], blocks, sorted(one['order'][:i + 1])) for i in range(len(blocks))]
        same += texts == one['steps']
    return same, compared, reached


def conversations(authors, shared):
    """The messages of each format by the authors' own script, beside ours."""
    data = [{'history': [{'type': 'code', 'lang': s['lang'], 'code': h} for h in s['history']],
             'current': {'type': 'code', 'lang': s['lang'], 'code': s['current']},
             'next': {'type': 'code', 'lang': s['lang'], 'code': s['next']},
             'user': s['user'], 'chat': s['chat'], 'loc': s['loc']} for s in (one['sample'] for one in shared)]
    for form in ('wf', 'lc', 'sr'):
        with tempfile.TemporaryDirectory() as folder:
            source, out = os.path.join(folder, 'in.json'), os.path.join(folder, 'out.json')
            with open(source, 'w') as f:
                json.dump(data, f)
            script = os.path.join(authors, 'train', 'prepare_data.py')
            subprocess.run([sys.executable, script, '--input_path', source, '--output_path', out, '--format_type', form], check=True)
            with open(out) as f:
                theirs = json.load(f)
        roles, prompts, answers, why = 0, 0, 0, collections.Counter()
        for one, their in zip(shared, theirs):
            our = one['sample']['ours'][form]
            roles += [m['role'] for m in their] == [m['role'] for m in our]
            prompts += their[:-1] == our[:-1]
            if their[-1] == our[-1]:
                answers += 1
            else:
                why[difference(their[-1]['content'], our[-1]['content'])] += 1
            for t, o in zip(their[:-1], our[:-1]):
                if t != o:
                    why[f"{t['role']}: {difference(t['content'], o['content'])}"] += 1
        print(f'{form}: the same roles {roles}, prompts {prompts}, answers {answers} of {len(shared)}; differences {dict(why)}')


def difference(theirs, ours):
    if re.sub(r'\s', '', theirs) == re.sub(r'\s', '', ours):
        return 'white space'
    if len(theirs) < len(ours):
        return 'ours says more: a change of white space alone, or a line widened differently'
    return 'theirs says more'


class Agreeing:
    """Stands for the LLM behind each of the authors' generators."""

    def __init__(self, **_):
        pass

    def gen(self, asked):
        change = asked[0]['change']
        return [{'output': [True] * len(change) if isinstance(change, list) else 'words'}]


def sampling(authors, shared, data_type='commit'):
    """The types and moments that the authors' own sampling draws of the processes."""
    with tempfile.TemporaryDirectory() as folder:
        source, out, models = (os.path.join(folder, name) for name in ('in.json', 'out.json', 'models.json'))
        with open(source, 'w') as f:
            json.dump([{'code1': o['before'], 'code2': o['after'], 'lang': o['sample']['lang'], 'git': o['message'] or ''} for o in shared], f)
        with open(models, 'w') as f:
            json.dump({}, f)
        stub = types.ModuleType('gen')
        stub.GenJudgement = stub.GenInstruction = stub.GenChat = Agreeing
        sys.modules['gen'] = stub
        script = os.path.join(authors, 'src', 'data_collection.py')
        sys.argv = [script, '--model_map', models, '--input_path', source, '--output_path', out, '--data_type', data_type,
                    '--limit_one_block_prob', '0.9', '--alpha', '0.9', '--num_proc', '1']
        random.seed(0)
        with open(script) as f:
            exec(compile(f.read(), script, 'exec'), {'__file__': script, '__name__': '__main__'})
        with open(out) as f:
            made = json.load(f)
    return collections.Counter((('H,' if m['history'] else '') + 'C' + (',U' if m['user'] else '')) for m in made), len(made)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('authors')
    parser.add_argument('shared')
    args = parser.parse_args()
    with open(args.shared) as f:
        shared = json.load(f)
    authors = os.path.abspath(args.authors)
    sys.path[:0] = [authors, os.path.join(authors, 'src')]
    import utils as theirs
    same, ways, examples = segments(theirs, shared)
    print(f'segments: the same in {same} of {len(shared)}; theirs are {dict(ways)}; e.g. {examples[:5]}')
    print('steps: the same in %d of %d with as many segments; theirs reach the last text in %d' % steps(theirs, shared))
    conversations(authors, shared)
    kinds, count = sampling(authors, shared)
    print(f'their sampling: {count} samples of {len(shared)} processes, {dict(kinds)}')
    ours = collections.Counter(one['type'] for one in shared)
    print(f'ours, of as many samples: {dict(ours)}')


if __name__ == '__main__':
    main()
