"""What every page keeps to: no complaint of the browser, no serious finding of axe, no sideways scrolling, light."""

from axe_playwright_python.sync_playwright import Axe

LIGHT = 150_000  # bytes of everything a first visit to a page loads
# zoomed: a desktop's window at 200 %
PHONE, ZOOMED, TABLET, DESKTOP = (360, 740), (640, 400), (768, 1024), (1280, 800)
GRAVE = {"serious", "critical"}
NO_PAGE = "the server responded with a status of 4"  # Chromium says it of 404, 410 and 422, which are pages of ours
AXE = Axe()
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

    def forget_what_is_kept(self):
        """Every visit from now on is a first one: nothing comes out of the browser's cache."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def weigh(self, address):
        """Goes there; the answer, and the bytes of everything that was loaded."""
        answer = self.page.goto(address)
        return answer, self.page.evaluate(LOADED)


def grave_findings(page, *, colours=True):
    """What axe finds serious or critical, with the first place of each."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": colours}}}
    found = AXE.run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in GRAVE]


def sideways(page, size):
    """What is wider than a window of ``size``; empty when nobody has to scroll sideways."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page.evaluate(WIDER)
