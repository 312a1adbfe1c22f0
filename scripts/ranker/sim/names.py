"""New names: a synonym, another plausible word, a longer or a shorter form, in the way of writing of the old name."""
from __future__ import annotations

import random
import re

SYNONYMS = {
    'res': 'response result', 'resp': 'response reply', 'req': 'request', 'err': 'error cause failure', 'error': 'err cause failure',
    'e': 'error exc event entry', 'ex': 'error cause', 'i': 'index idx k row pos', 'j': 'col k inner', 'k': 'key idx', 'v': 'value val',
    'n': 'count size total num', 'x': 'value item left', 'y': 'other right', 'a': 'left first', 'b': 'right second buf', 'c': 'ch conn client ctx',
    's': 'text str self server', 'p': 'ptr path pos person', 'r': 'reader req rect', 'w': 'writer out', 'o': 'obj order opts', 'm': 'match map mapping', 'd': 'data delta',
    't': 'time tree token target', 'f': 'file fn func', 'l': 'list line', 'q': 'query queue', 'u': 'user url', 'h': 'handle height', 'g': 'graph group',
    'buf': 'buffer bytes out', 'buffer': 'buf bytes chunk', 'msg': 'message text', 'message': 'msg text body', 'str': 'text string value', 'string': 'text str',
    'len': 'length size count', 'length': 'len size count', 'size': 'length count capacity', 'count': 'total number size n', 'total': 'sum count',
    'num': 'number count', 'number': 'num count', 'idx': 'index position', 'index': 'idx position i', 'pos': 'position offset', 'position': 'pos offset',
    'offset': 'pos start', 'ctx': 'context', 'context': 'ctx scope', 'cfg': 'config settings', 'config': 'settings cfg options', 'conf': 'config',
    'opts': 'options settings', 'options': 'opts settings config', 'option': 'opt setting', 'settings': 'options config', 'args': 'arguments params',
    'arg': 'argument param', 'params': 'parameters args', 'param': 'parameter arg', 'val': 'value item', 'value': 'val item content', 'values': 'items vals',
    'key': 'name id', 'keys': 'names ids', 'name': 'title label key identifier', 'names': 'titles labels', 'id': 'identifier key uid', 'data': 'payload content body',
    'body': 'content payload', 'content': 'body text contents', 'item': 'entry element value', 'items': 'entries elements values', 'entry': 'item record',
    'entries': 'items records', 'elem': 'element item', 'element': 'node item', 'el': 'element node', 'list': 'items array', 'arr': 'array items', 'array': 'items list',
    'obj': 'object target', 'object': 'target item', 'node': 'element vertex', 'nodes': 'elements vertices', 'parent': 'owner container', 'child': 'inner node',
    'children': 'nodes inner', 'file': 'path source document', 'filename': 'path file_name', 'path': 'file location route', 'dir': 'directory folder', 'directory': 'dir folder',
    'folder': 'dir directory', 'url': 'uri address link', 'uri': 'url', 'host': 'server address', 'port': 'socket_port', 'addr': 'address', 'address': 'addr location',
    'conn': 'connection client', 'connection': 'conn link', 'client': 'conn session', 'server': 'app service', 'app': 'application server', 'user': 'account member',
    'users': 'accounts members', 'fn': 'func callback handler', 'func': 'fn handler', 'callback': 'cb handler done', 'cb': 'callback done', 'handler': 'listener callback',
    'event': 'evt change', 'evt': 'event', 'time': 'when moment', 'start': 'begin first from', 'end': 'stop last limit', 'begin': 'start', 'first': 'head start', 'last': 'tail end',
    'min': 'lowest minimum', 'max': 'highest maximum limit', 'limit': 'max bound', 'timeout': 'deadline wait', 'ret': 'result rc', 'rc': 'status ret', 'result': 'res outcome ret',
    'results': 'found matches', 'out': 'output result', 'output': 'out result', 'input': 'source text', 'in': 'input', 'src': 'source input', 'source': 'src origin', 'dst': 'dest target',
    'dest': 'target destination', 'target': 'dest goal', 'tmp': 'temp scratch', 'temp': 'tmp', 'cur': 'current', 'current': 'cur active', 'prev': 'previous last', 'previous': 'prev old',
    'next': 'following upcoming', 'old': 'previous former', 'new': 'fresh next', 'line': 'row text', 'lines': 'rows', 'row': 'line record', 'rows': 'lines records', 'col': 'column',
    'column': 'col field', 'field': 'attribute column', 'fields': 'attributes columns', 'type': 'kind', 'kind': 'type category', 'mode': 'kind style', 'status': 'state code',
    'state': 'status phase', 'code': 'status source', 'flag': 'option enabled', 'flags': 'options bits', 'token': 'tok symbol', 'tok': 'token', 'query': 'search filter', 'match': 'found hit',
    'pattern': 'regex expr', 'text': 'content string body', 'word': 'term', 'char': 'ch letter', 'ch': 'chr letter', 'ptr': 'pointer cursor', 'map': 'mapping table', 'dict': 'mapping table',
    'set': 'seen unique', 'queue': 'pending backlog', 'stack': 'frames', 'table': 'lookup map', 'cache': 'store memo', 'store': 'storage cache', 'db': 'database conn', 'model': 'entity schema',
    'group': 'bucket set', 'width': 'w breadth', 'height': 'h depth', 'color': 'colour tint', 'request': 'req call', 'response': 'res reply', 'header': 'head title', 'headers': 'fields meta',
    'get': 'fetch load find', 'fetch': 'get load', 'load': 'read fetch', 'read': 'load parse', 'write': 'save emit', 'save': 'store persist', 'set_': 'assign', 'add': 'append insert push',
    'remove': 'delete drop', 'delete': 'remove drop', 'create': 'make build new', 'make': 'create build', 'build': 'make create', 'parse': 'read decode', 'render': 'draw show', 'send': 'post submit',
    'run': 'execute start', 'execute': 'run perform', 'init': 'setup start', 'close': 'shutdown finish', 'open': 'start connect', 'check': 'verify validate', 'validate': 'check verify',
    'update': 'refresh change', 'find': 'search lookup', 'is': 'has can', 'has': 'contains with', 'test': 'check case', 'expected': 'want wanted', 'actual': 'got', 'got': 'actual', 'want': 'expected',
    'default': 'fallback', 'base': 'root parent', 'root': 'base top', 'tag': 'label', 'tags': 'labels', 'label': 'caption tag', 'title': 'heading caption', 'version': 'release revision',
    'task': 'job', 'job': 'task', 'worker': 'runner', 'manager': 'controller', 'service': 'provider', 'helper': 'util', 'factory': 'builder', 'builder': 'maker', 'plugin': 'extension', 'module': 'unit',
    'component': 'widget', 'props': 'attrs', 'ref': 'handle', 'logger': 'log', 'log': 'logger', 'env': 'environment', 'session': 'conn', 'stream': 'flow', 'reader': 'input', 'writer': 'output', 'depth': 'level',
    'level': 'depth', 'order': 'sequence', 'price': 'cost amount', 'amount': 'sum quantity', 'date': 'day', 'rule': 'policy', 'filter': 'predicate', 'route': 'endpoint', 'link': 'anchor', 'image': 'picture',
}
NOUNS = ('value item entry record account customer payload token buffer source target origin handle label amount quota weight score range limit '
         'anchor marker segment bucket slot frame cursor region scope owner parent helper worker ticket invoice product basket channel topic '
         'signal socket session profile report summary snapshot outcome reason detail spec option policy rule schema layout widget panel').split()
PREFIXES = 'new raw current all my base inner default max total next initial parsed local remote user is'.split()
SUFFIXES = 'value list name id count map data text item ref info type path key s size index'.split()
KEYWORDS = set('''and as assert async await break case catch class const continue def default del delete do elif else end enum export extends false final
finally fn for from func function global goto if impl import in include instanceof int interface is lambda let local loop long match mod module move mut
namespace new nil none nonlocal not null or package pass private protected pub public raise range ref return self short static struct super switch this throw
trait true try type typeof undefined union until use using val var void when where while with yield object by fun init list dict set str map len id print
string bool float double char byte uint error chan select defer go make append cap copy file dir sum min max next input open filter data'''.split())
# Words of KEYWORDS that are fine as variable names in most languages but built in somewhere stay out, which costs little.


def words(name: str) -> list[str]:
    return re.findall(r'[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[A-Z]', name)


def style(name: str) -> str:
    core = name.strip('_$@')
    if re.fullmatch(r'[A-Z][A-Z0-9]*(_[A-Z0-9]+)*', core) and len(core) > 1:
        return 'upper'
    if '-' in core:
        return 'kebab'
    if '_' in core:
        return 'snake'
    if core[:1].isupper():
        return 'pascal'
    if re.search(r'[a-z][A-Z]', core):
        return 'camel'
    return 'lower'


def join(parts: list[str], how: str, multi: str) -> str:
    parts = [p for p in parts if p]
    if how == 'lower':
        how = multi if len(parts) > 1 else 'snake'
    low = [p.lower() for p in parts]
    if how == 'upper':
        return '_'.join(low).upper()
    if how == 'snake':
        return '_'.join(low)
    if how == 'kebab':
        return '-'.join(low)
    joined = ''.join(p if p.isupper() and len(p) > 1 and i else p[:1].upper() + p[1:] for i, p in enumerate(parts))
    return joined if how == 'pascal' else low[0] + ''.join(p[:1].upper() + p[1:] for p in parts[1:])


MULTI = {'python': 'snake', 'rust': 'snake', 'c': 'snake', 'ruby': 'snake', 'lua': 'snake', 'shellscript': 'snake', 'sql': 'snake',
         'emacs-lisp': 'kebab', 'css': 'kebab', 'scss': 'kebab', 'html': 'kebab', 'yaml': 'snake', 'toml': 'snake', 'cpp': 'snake', 'markdown': 'kebab',
         'dockerfile': 'kebab'}


def fresh(name: str, lang: str, taken: set[str], rng: random.Random, kind: str = 'local') -> str | None:
    """A name for what was called `name`; None where none is found that is free."""
    front = re.match(r'[_$@]*', name).group()
    back = re.search(r'_*$', name[len(front):]).group()
    core = name[len(front):len(name) - len(back)]
    parts, how, multi = words(core), style(name), MULTI.get(lang, 'camel')
    if not parts or ''.join(parts).lower() != re.sub(r'[_\-]', '', core).lower():
        return None
    for _ in range(12):
        new = list(parts)
        way = rng.random()
        at = rng.randrange(len(parts))
        low = parts[at].lower()
        single = len(parts) == 1
        plain = kind in ('local', 'param', 'field')
        if low in SYNONYMS and way < 0.6:
            new[at:at + 1] = rng.choice(SYNONYMS[low].split()).split('_')
        elif way < 0.72:
            new = [rng.choice(PREFIXES), *new] if plain else [rng.choice(['Base', 'Simple', 'Custom', 'New', 'Fast', 'safe', 'do', 'internal']), *new]
            if len(core) == 1:
                continue
        elif way < 0.82:
            if len(core) == 1:
                continue
            new = [*new, rng.choice(SUFFIXES if plain else ['Impl', 'Base', 'All', 'Item', 'Info', 'One', 'Safe', 'Now', '2', 'Type'])]
        elif way < 0.88 and not single:
            del new[at]
        elif way < 0.97 or not single:
            new[at] = rng.choice(NOUNS)
        else:
            new = [rng.choice(NOUNS)[:1]]
        out = front + join(new, how, multi) + back
        if out != name and out not in taken and out.lower() not in KEYWORDS and out.lower() != name.lower() and re.match(r'[@$]*[A-Za-z_]', out):
            return out
    return None
