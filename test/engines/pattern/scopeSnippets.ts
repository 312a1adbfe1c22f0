/**
 * By language, what `item` stands for: where it is declared (◆) and the other lines on which it is that same one (●). Where
 * it stands without a mark it is something else.
 */
export const snippets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  typescript: {
    parameter: `function a(item◆: string): void {
  use(item●);
}
function b(item: string): void {
  use(item);
}`,
    'loop variable': `for (const item◆ of items) {
  use(item●);
}
use(item);`,
    'index of a loop': `for (let item◆ = 0; item < 9; item++) {
  use(item●);
}
for (let item = 0; item < 9; item++) {
  use(item);
}`,
    'a local of a block': `function a() {
  if (b) {
    const item◆ = 1;
    use(item●);
  }
  use(item);
}`,
    'a local of a function': `function a() {
  const item◆ = 1;
  if (b) {
    use(item●);
  }
  return item●;
}
use(item);`,
    'a local that another hides': `function a() {
  const item◆ = 1;
  if (b) {
    const item = 2;
    use(item);
  }
  return item●;
}`,
    'an inner local': `function a(item) {
  use(item);
  items.forEach((item◆) => {
    use(item●);
  });
  use(item);
}`,
    function: `function item◆() {}
use(item●);
class A {
  item() {}
}
a.item();`,
    'a function that is declared below': `use(item●);
function item◆() {
  return item●();
}`,
    class: `export class item◆ {
  copy(): item● {
    return new item●();
  }
}
const b = new item●();`,
    'a field': `class A {
  private item◆: string;
  b() {
    return this.item;
  }
}
const item = 1;`,
    'an import alias': `import { b as item◆ } from 'b';
use(item●);
function c() {
  return item●;
}`,
    'an import': `import { item◆, c } from 'b';
use(item●);`,
    'a default import': `import item◆ from 'b';
use(item●);`,
    destructuring: `function a() {
  const { item◆, b } = c;
  return item●;
}
function d() {
  const [item, b] = c;
  return item;
}`,
    'renaming destructuring': `function a() {
  const { b: item◆ } = c;
  return item●;
}`,
    'destructured parameters': `function A({ item◆, b }: Props) {
  return use(item●);
}
function B({ item, b }: Props) {
  return use(item);
}`,
    'a head over several lines': `export async function a(
  b: number,
  item◆: string,
): Promise<void> {
  use(item●);
}
use(item);`,
    'parameters that a method has over several lines': `class A {
  constructor(
    private readonly item◆: string,
    b: number,
  ) {
    use(item●);
  }
  b(item: string) {
    use(item);
  }
}`,
    'a head with two functions': `function a(item◆) {
  return b((c) => {
    return item● + c;
  });
}`,
    'a lambda on one line': `const a = bs.map((item◆) => item.c);
const d = bs.filter((item) => item.e);
use(item);`,
    'a caught error': `try {
  a();
} catch (item◆) {
  use(item●);
}
use(item);`,
    'a function in a function': `function a() {
  function item◆() {}
  item●();
}
function b() {
  item();
}`,
    'a const of the module': `const item◆ = 1;
function a() {
  return item●;
}
function b(item: number) {
  return item;
}`,
    'an arrow function in a const': `const item◆ = (a: number) => a;
export const b = () => {
  item●(1);
};`,
    'a type': `type item◆ = string;
function a(b: item●): item● {
  return b;
}`,
    'a name that a text says': `const item◆ = 1;
use(item●); // item●`,
    'what a function in a call is given': `const item◆ = 1;
function a() {
  useEffect(() => {
    use(item●);
  }, [item●]);
  setTimeout(() => use(item●), 10);
  app.get(item●, (req) => {
    use(req, item●);
  });
  it(item●, function () {
    use(item●);
  });
}`,
    'what a default calls': `const item◆ = 1;
function a(b = use(item●)) {
  return item●;
}`,
    'an import over several lines': `import {
  b,
  item◆,
} from 'b';
use(item●);`,
    'methods of a class': `class A {
  static async item◆(b: string): Promise<void> {
    return c.item();
  }
}
function item() {}`,
    'a getter': `class A {
  get item◆() {
    return this.item;
  }
}
const item = 1;`,
    'typed parameters of an arrow': `const a = async (b: B, item◆?: C[]): Promise<D> => {
  use(item●);
};
use(item);`,
    'a rest': `function a<T>(...item◆: T[]) {
  use(item●);
}
use(item);`,
    'the second of a let': `function a() {
  let b = 1, item◆ = 2;
  use(item●);
}
function c() {
  use(item);
}`,
    'a function in an object': `const a = {
  b(item◆: string) {
    use(item●);
  },
  c(item: string) {
    use(item);
  },
};`,
    'a key': `const a = { item: 1 };
function b(item◆: string) {
  return c({ item●: 1 });
}`,
    'an array destructured in a loop': `for (const [b, item◆] of Object.entries(c)) {
  use(item●);
}
use(item);`,
    'a switch': `function a(b) {
  switch (b) {
    case 1: {
      const item◆ = 1;
      use(item●);
      break;
    }
    default:
      use(item);
  }
}`,
    'an else': `function a(b) {
  if (b) {
    const item◆ = 1;
    use(item●);
  } else {
    use(item);
  }
}`,
  },
  typescriptreact: {
    props: `function A({ item◆ }: { item: string }) {
  return (
    <div>
      {item●}
    </div>
  );
}
function B({ item }: Props) {
  return <div>{item}</div>;
}`,
    'in a map': `return (
  <ul>
    {items.map((item◆) => (
      <li key={item●}>
        {item●}
      </li>
    ))}
    {item}
  </ul>
);`,
  },
  python: {
    parameter: `def a(item◆, b=None):
    use(item●)
    return item●

def b(item):
    use(item)`,
    'typed parameter': `async def a(self, item◆: str = 'b') -> None:
    use(item●)

use(item)`,
    'a head over several lines': `def a(
    b: int,
    item◆: str,
) -> None:
    use(item●)

item()`,
    'loop variable': `def a():
    for item◆ in b:
        use(item●)

def c():
    for item in b:
        use(item)`,
    local: `def a():
    item◆ = 1
    if b:
        use(item●)
    return item●

def c():
    item = 1
    return item`,
    'assigned again': `def a():
    if b:
        item◆ = 1
    else:
        item● = 2
    return item●`,
    'of a nested function': `def a(item):
    def b(item◆):
        return item●
    return item`,
    'of the outer function': `def a(item◆):
    def b(item):
        return item
    return item●`,
    'seen from a nested function': `def a(item◆):
    def b(c):
        return item● + c
    return b`,
    comprehension: `a = [item◆ for item in b]
use(item)
c = [item for item in d]`,
    lambda: `a = sorted(b, key=lambda item◆: item.c)
use(item)`,
    with: `with open(a) as item◆:
    use(item●)`,
    except: `try:
    a()
except ValueError as item◆:
    use(item●)
use(b)`,
    'an import alias': `import a as item◆
item●.b()
def c():
    item●.d()`,
    'from an import': `from a import b, item◆
item●()`,
    'a class': `class item◆(Base):
    pass

a = item●()`,
    'a method': `class A:
    def item◆(self):
        return self.item

def item():
    pass`,
    'a function': `def item◆():
    pass

def a():
    item●()`,
    'a constant of the module': `item◆ = 1

def a():
    return item●

def b(item):
    return item`,
    walrus: `def a():
    if (item◆ := b()):
        use(item●)

use(item)`,
    unpacked: `def a():
    b, item◆ = c()
    return item●

use(item)`,
    'a keyword': `def a(item◆):
    b(item●=1)
    c(
        d,
        item=item●,
    )
    return item●`,
    'no variable but a keyword': `item◆ = 1
def a():
    b(item●=2)
    return item●`,
    'what a lambda calls': `item◆ = 1
a = sorted(b, key=lambda c: use(item●))
d(item●)`,
    counted: `def a():
    for i, item◆ in enumerate(b):
        use(i, item●)`,
    'a comprehension over several lines': `a = [
    use(item●)
    for item◆ in b
    if item●
]
item = 1`,
    'a class attribute': `class A:
    item◆: int = 0

    def b(self):
        return self.item

def c(item):
    return item`,
    'a parameter behind self': `class A:
    def a(self, item◆):
        self.item = item●

    def b(self, item):
        self.item = item`,
    'a decorator above': `@a(item●)
def b(c):
    return item●

item◆ = 1`,
  },
  go: {
    parameter: `func a(item◆ string, b int) error {
	return use(item●)
}

func c(item string) error {
	return use(item)
}`,
    'of several that share a type': `func a(item◆, b string) {
	use(item●)
}

func c(b, item string) {
	use(item)
}`,
    receiver: `func (item◆ *Server) Start() {
	item●.run()
}

func (item *Client) Start() {
	item.run()
}`,
    method: `func (s *Server) item◆() {}

func a() {
	s.item()
}`,
    walrus: `func a() {
	item◆, err := b()
	use(item●)
}

func c() {
	item, err := b()
	use(item)
}`,
    range: `func a() {
	for _, item◆ := range b {
		use(item●)
	}
	for _, item := range c {
		use(item)
	}
}`,
    'in an if': `func a() {
	if item◆ := b(); item != nil {
		use(item●)
	}
	use(item)
}`,
    'a function': `func item◆() {}

func a() {
	item●()
}`,
    closure: `func a() {
	b(func(item◆ int) {
		use(item●)
	})
	use(item)
}`,
    var: `func a() {
	var item◆ string
	use(item●)
}

func b() {
	var item int
	use(item)
}`,
    field: `type A struct {
	item◆ string
}

func a(item string) {
	use(item)
}`,
    'a function in a call': `func a() {
	http.HandleFunc("/", func(w http.ResponseWriter, item◆ *http.Request) {
		use(item●)
	})
	use(item)
}`,
    'a type switch': `func a(b any) {
	switch item◆ := b.(type) {
	case string:
		use(item●)
	}
	use(item)
}`,
    'a group of variables': `var (
	a = 1
	item◆ = 2
)

func b() {
	use(item●)
}`,
    'a result': `func a() (item◆ int, err error) {
	item● = 1
	return item●, nil
}

func b() {
	use(item)
}`,
  },
  rust: {
    parameter: `fn a(item◆: &str, b: i32) -> bool {
    use_it(item●)
}

fn c(item: &str) {
    use_it(item);
}`,
    'let that is hidden by another': `fn a() {
    let item◆ = b();
    use_it(item●);
    let item = c(2);
    use_it(item);
}`,
    'the let that hides': `fn a() {
    let item = b();
    use_it(item);
    let mut item◆ = c(2);
    use_it(item●);
}`,
    closure: `fn a() {
    let b = c.map(|item◆| {
        use_it(item●)
    });
    use_it(item);
}`,
    'closure on one line': `let a = b.iter().map(|item◆| item.c());
let d = b.iter().map(|item| item.e());`,
    for: `for item◆ in &items {
    use_it(item●);
}
use_it(item);`,
    'if let': `if let Some(item◆) = b {
    use_it(item●);
}
use_it(item);`,
    'while let': `while let Some(item◆) = b.next() {
    use_it(item●);
}
use_it(item);`,
    fn: `pub async fn item◆() {}

fn a() {
    item●();
}`,
    'a head over several lines': `pub fn a(
    &self,
    item◆: &str,
) -> Result<()> {
    use_it(item●)
}

fn b(
    item: &str,
) {
    use_it(item)
}`,
    field: `struct A {
    item◆: String,
}

fn a(item: String) {
    use_it(item);
}`,
    tuple: `fn a() {
    let (item◆, b) = c();
    use_it(item●);
}

fn d() {
    let (b, item) = c();
    use_it(item);
}`,
    'a match arm': `match b {
    Some(item◆) => use_it(item),
    None => use_it(item),
}`,
    'a typed closure': `let a = move |b, item◆: &str| {
    use_it(item●);
};
use_it(item);`,
    'a for of pairs': `for (i, item◆) in b.iter().enumerate() {
    use_it(item●);
}
use_it(item);`,
    'an import': `use a::b::{c, item◆};
fn d() {
    item●();
}`,
  },
  c: {
    prototype: `int a(int item◆);
int b(int item);
int c(int item) {
  return item;
}`,
    parameter: `static int a(const char *item◆, size_t n)
{
    use(item●, n);
    return 0;
}

int b(char *item)
{
    use(item);
}`,
    local: `int a(void) {
    int item◆ = 1;
    use(item●);
}

int b(void) {
    int item = 1;
    use(item);
}`,
    'a pointer': `void a(void) {
    struct node *item◆ = b();
    item●->c = 1;
}

void d(void) {
    struct node *item;
    item->c = 1;
}`,
    'an array': `void a(void) {
    char item◆[16];
    use(item●);
}

void b(void) {
    use(item);
}`,
    for: `void a(void) {
    for (int item◆ = 0; item < 9; item++) {
        use(item●);
    }
    use(item);
}`,
    function: `static int item◆(int b)
{
    return b;
}

int a(void)
{
    return item●(1);
}`,
    'a parameter on another line': `int a(struct b *c,
      int item◆)
{
    return item●;
}

int d(int item)
{
    return item;
}`,
    'the second of a declaration': `void a(void) {
    int b, item◆;
    use(item●);
}

void c(void) {
    int item;
    use(item);
}`,
    'a call of what is typed elsewhere': `static int item◆;

void a(void) {
    if (b(c, item●) && d * item●)
        use(item●);
}`,
    'a macro': `#define item◆ 1

int a(void) {
    return item●;
}`,
  },
  cpp: {
    parameter: `void A::b(const std::string& item◆) const {
  use(item●);
}
void A::c(const std::string& item) const {
  use(item);
}`,
    'a loop': `void a() {
  for (const auto& item◆ : items) {
    use(item●);
  }
  for (auto& item : others) {
    use(item);
  }
}`,
    auto: `void a() {
  auto item◆ = b();
  use(item●);
}
void c() {
  auto item = b();
  use(item);
}`,
    'a template': `void a() {
  std::vector<int> item◆;
  use(item●);
}
void c() {
  std::vector<int> item;
  use(item);
}`,
  },
  java: {
    parameter: `class A {
    public void a(String item◆) {
        use(item●);
    }

    public void b(final String item) {
        use(item);
    }
}`,
    local: `class A {
    void a() {
        List<String> item◆ = b();
        use(item●);
    }

    void c() {
        String item = b();
        use(item);
    }
}`,
    'a loop': `void a() {
    for (String item◆ : items) {
        use(item●);
    }
    for (String item : others) {
        use(item);
    }
}`,
    'a field': `class A {
    private final String item◆;

    String a() {
        return item●;
    }
}`,
    'a lambda': `void a() {
    b.forEach(item◆ -> {
        use(item●);
    });
    use(item);
}`,
    'a caught exception': `try {
    a();
} catch (IOException item◆) {
    use(item●);
}
use(item);`,
    resource: `try (Reader item◆ = a()) {
    use(item●);
}
use(item);`,
    method: `class A {
    void item◆() {}

    void b() {
        item●();
    }
}`,
    'a generic local': `class A {
    void a() {
        Map<String, List<B>> item◆ = b();
        use(item●);
    }

    void c(Map<String, B> item) {
        use(item);
    }
}`,
    'a lambda of two': `void a() {
    b.forEach((c, item◆) -> use(item));
    use(item);
}`,
    'an annotated parameter': `void a(@Path("b") String item◆) {
    use(item●);
}

void c(@Body B item) {
    use(item);
}`,
  },
  csharp: {
    foreach: `void A() {
    foreach (var item◆ in items)
    {
        Use(item●);
    }
    foreach (var item in others)
    {
        Use(item);
    }
}`,
    out: `void A() {
    if (b.TryGet(c, out var item◆)) {
        Use(item●);
    }
}

void D() {
    Use(item);
}`,
    parameter: `public async Task A(int b, string item◆)
{
    Use(item●);
}

public void B(string item)
{
    Use(item);
}`,
    lambda: `var a = b.Select(item◆ => item.C);
var d = b.Where(item => item.E);`,
  },
  kotlin: {
    parameter: `fun a(item◆: String): Int {
    return use(item●)
}

fun b(item: String) {
    use(item)
}`,
    val: `fun a() {
    val item◆ = b()
    use(item●)
}

fun c() {
    var item = b()
    use(item)
}`,
    lambda: `fun a() {
    b.map { item◆ ->
        use(item●)
    }
    use(item)
}`,
    'in a string': `fun a(item◆: String) {
    use("\${item●}")
    use("$item●")
}`,
    for: `for (item◆ in items) {
    use(item●)
}
use(item)`,
    'a property of a constructor': `class A(private val item◆: String) {
    fun b() = use(item●)
}

fun c(item: String) = use(item)`,
  },
  swift: {
    parameter: `func a(item◆: String) -> Int {
    return use(item●)
}

func b(with item: String) {
    use(item)
}`,
    'with a label': `func a(with item◆: String) {
    use(item●)
}

func b() {
    use(item)
}`,
    'if let': `func a() {
    if let item◆ = b {
        use(item●)
    }
    use(item)
}`,
    'guard let': `func a() {
    guard let item◆ = b else { return }
    use(item●)
}

func c() {
    use(item)
}`,
    closure: `func a() {
    b.map { item◆ in
        use(item●)
    }
    use(item)
}`,
    'without a label': `func a(_ item◆: String) {
    use(item●)
}

func b(_ item: String) {
    use(item)
}`,
  },
  ruby: {
    parameter: `def a(item◆, b = nil)
  use(item●)
end

def c(item)
  use(item)
end`,
    'a block': `a.each do |item◆|
  use(item●)
end
a.map { |item| use(item) }`,
    'a block in a method': `def a
  b.each do |c, item◆|
    use(item●)
  end
  use(item)
end`,
    local: `def a
  item◆ = 1
  use(item●)
end

def b
  item = 2
  use(item)
end`,
    rescue: `begin
  a
rescue B => item◆
  use(item●)
end
use(c)`,
    method: `class A
  def item◆
    1
  end

  def self.b
    c.item
  end
end`,
    'a lambda': `a = ->(item◆) { use(item) }
use(item)`,
    'a keyword': `def a(item◆:, b: 1)
  use(item●)
end

def c(item:)
  use(item)
end`,
  },
  php: {
    parameter: `function a(string $item◆, $b) {
    return use($item●);
}

function c($item) {
    return use($item);
}`,
    local: `function a() {
    $item◆ = 1;
    return use($item●);
}

function b() {
    $item = 2;
    return use($item);
}`,
    foreach: `function a() {
    foreach ($items as $item◆) {
        use($item●);
    }
}

function b() {
    foreach ($items as $key => $item) {
        use($item);
    }
}`,
    'an arrow function': `function a() {
    $b = array_map(fn($item◆) => $item->c, $d);
    return use($item);
}`,
    'a closure': `function a() {
    b(function ($item◆) use ($c) {
        use($item●);
    });
    use($item);
}`,
  },
  shellscript: {
    local: `a() {
  local item◆=1
  use "$item●"
}

b() {
  local item=2
  use "$item"
}`,
    'a variable of the script': `item◆=1
a "$item●"
b() {
  c "\${item●}"
}`,
    for: `for item◆ in a b; do
  use "$item●"
done`,
  },
  lua: {
    parameter: `local function a(item◆, b)
  use(item●)
end

local function c(item)
  use(item)
end`,
    local: `function a()
  local item◆ = 1
  use(item●)
end

function b()
  local item = 2
  use(item)
end`,
    for: `for _, item◆ in ipairs(a) do
  use(item●)
end
use(item)`,
    'a function in a call': `a(function(item◆)
  use(item●)
end)
use(item)`,
    'a method': `function M:a(item◆)
  use(item●)
end

function M.b(item)
  use(item)
end`,
  },
  elixir: {
    parameter: `def a(item◆, b) do
  use(item●)
end

def c(item) do
  use(item)
end`,
  },
  dart: {
    parameter: `void a(String item◆) {
  use(item●);
}

void b(String item) {
  use(item);
}`,
    final: `void a() {
  final item◆ = b();
  use(item●);
}

void c() {
  final item = b();
  use(item);
}`,
  },
  scala: {
    parameter: `def a(item◆: String): Int = {
  use(item●)
}

def b(item: String) = {
  use(item)
}`,
    val: `def a() = {
  val item◆ = b
  use(item●)
}

def c() = {
  val item = b
  use(item)
}`,
  },
  sql: {
    'an alias': `SELECT item●.a
FROM b AS item◆
WHERE item●.c = 1`,
    'a column': `CREATE TABLE a (
  item◆ TEXT NOT NULL,
  b INT
);
SELECT item● FROM a;`,
  },
};
