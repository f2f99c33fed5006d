"""What every page keeps to: no complaint of the browser, no finding of axe, no sideways scrolling, light."""

from axe_playwright_python.sync_playwright import Axe

LIGHT = 150_000  # bytes of everything a first visit to a page loads
# zoomed: a desktop's window at 200 %; narrow: at 400 % (WCAG 1.4.10)
NARROW, PHONE, ZOOMED, TABLET, DESKTOP = (320, 640), (390, 844), (640, 400), (768, 1024), (1280, 800)
NO_PAGE = "the server responded with a status of 4"  # Chromium says it of 404, 410 and 422, which are pages of ours
AXE = Axe().axe_script
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "tags => axe.run({exclude: '[data-passed]'}, {runOnly: tags, resultTypes: ['violations']})"
LOADED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
WIDER = """() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
  if (wide <= 0) return []
  const over = [...document.body.querySelectorAll('*')].filter(one => {
    const box = one.getBoundingClientRect()
    return box.right > document.documentElement.clientWidth + 1 && !one.closest('.scroll, .unseen, .skip')
  })
  return [`${wide} px too wide`, ...over.slice(0, 3).map(one => one.outerHTML.slice(0, 120))]
}"""
# what a page is made of, the frame around it and its own part, without what differs at each visit
PARTS = """() => [document.querySelector('nav'), document.querySelector('main') ?? document.body].map(part => {
  const copy = part ? part.cloneNode(true) : document.createElement('p')
  copy.querySelectorAll('input[type=hidden]').forEach(one => one.remove())
  return document.body.className + copy.outerHTML
})"""
# what axe passes over: a part it knows, and in a list or table what is like another entry of it but for its words and
# numbers (every other row has a darker ground, so of both grounds one is looked at)
PASS_OVER = r"""knowsMain => {
  const varied = / (href|id|for|name|value|title|action|datetime|aria-(label|labelledby|describedby))="[^"]+"/g
  const seen = new Map()
  for (const one of document.querySelectorAll('main tr, main li')) {
    const list = one.parentElement
    if (!seen.has(list)) seen.set(list, new Set())
    const words = one.outerHTML.replace(/>[^<]*[^<\s][^<]*</g, '>…<').replace(varied, ' $1="…"')
    const shape = [...list.children].indexOf(one) % 2 + words
    if (seen.get(list).has(shape)) one.dataset.passed = ''
    seen.get(list).add(shape)
  }
  if (knowsMain) document.querySelector('main').dataset.passed = ''
}"""
UNFOLD = "() => document.querySelectorAll('details').forEach(one => one.open = true)"


class Watched:
    """A browser's window whose complaints (the policy of what may load above all) are kept, and its loads weighed."""

    def __init__(self, context):
        self.page = context.new_page()
        self.complaints = []
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message):
        if message.type in ("error", "warning") and NO_PAGE not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def weigh(self, address):
        """Goes there; the answer, and the bytes of everything it loads, out of the browser's cache or not."""
        answer = self.page.goto(address)
        return answer, self.page.evaluate(LOADED)


class Examiner:
    """Looks at pages in a window, and keeps what is wrong with them in ``wrong``.

    ``known`` are the parts of pages that were looked at; examiners who share them do not look twice.
    """

    def __init__(self, watched, language, known):
        self.watched, self.page, self.language, self.known = watched, watched.page, language, known
        self.wrong = []

    def visit(self, address, status=200):
        """Opens a page and examines it, unless it leads on to another one; whether it stayed."""
        asked = f"{address}{'&' if '?' in address else '?'}lang={self.language}"
        answer, weight = self.watched.weigh(asked)
        if self.page.url != asked:
            return False
        self.examine(answer, status)
        if weight > LIGHT:
            self._say(f"{weight} bytes")
        return True

    def examine(self, answer, status):
        """The page in the window, an answer that should have a ``status``."""
        if answer.status != status or not answer.headers["content-type"].startswith("text/html"):
            self._say(f"answered {answer.status}, {answer.headers['content-type']}")
        if self.page.locator("html").get_attribute("lang") != self.language:
            self._say("in another language")
        self.look()

    def look(self):
        """At whatever is in the window: at a desk by day, on a phone at night, and how wide it is.

        What roles see alike is not looked at for each of them: the same markup is found as good, and as wide.
        """
        self.page.evaluate(UNFOLD)
        frame, main = self._are_new()
        if not (frame or main):
            return
        self.page.evaluate(AXE)
        self.page.evaluate(PASS_OVER, not main)
        for size, scheme in ((DESKTOP, "light"), (TABLET, ""), (ZOOMED, ""), (PHONE, "dark"), (NARROW, "")):
            for said in sideways(self.page, size):
                self._say(f"{size[0]} px: {said}")
            if scheme:
                self.page.emulate_media(color_scheme=scheme)
                for said in findings(self.page):
                    self._say(f"{size[0]} px, {scheme}: {said}")

    def _are_new(self):
        """Whether the frame of the page is new, and whether its own part is."""
        parts = [(self.language, part) for part in self.page.evaluate(PARTS)]
        new = [part not in self.known for part in parts]
        self.known.update(parts)
        return new

    def _say(self, what):
        self.wrong.append(f"{self.page.url}: {what}")


def findings(page):
    """What axe, which the page has loaded, finds: the rule, how grave it is, and the first place."""
    found = page.evaluate(RUN, TAGS)["violations"]
    return [f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}" for one in found]


def sideways(page, size):
    """What is wider than a window of ``size``; empty when nobody has to scroll sideways."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page.evaluate(WIDER)
