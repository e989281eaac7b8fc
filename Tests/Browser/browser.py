"""Opens the reports of a folder in Chromium, looks for what must not be, and keeps pictures: browser.py FOLDER."""

import json
import pathlib
import re
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
# Name, width, height, whether it is a phone. WCAG 1.4.10 asks that 320 be enough.
WINDOWS = [("desktop", 1280, 900, False), ("phone", 390, 844, True), ("narrow", 320, 640, True)]
SCHEMES = ["light", "dark"]
# What Chromium draws at once.
TALLEST = 12000
# A4 without the margins that the style sheet asks for, in CSS pixels.
PRINTED = round((210 - 2 * 14) / 25.4 * 96)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Check:
    def __init__(self, folder):
        self.folder = folder
        self.script = (pathlib.Path(__file__).parent / "page.js").read_text()
        self.expected = json.loads((folder / "expected.json").read_text())
        self.wrong = []
        self.looks = self.pictures = self.rules = self.requests = self.sheets = 0
        self.lowest = 99.0

    def that(self, holds, *words):
        if not holds:
            self.wrong.append(" ".join(map(str, words)))

    def open(self, browser, name, window, scheme):
        """A page that reports whatever it does."""
        _, width, height, phone = window
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme,
                                      is_mobile=phone, has_touch=phone)
        page = context.new_page()
        url = (self.folder / f"{name}.html").as_uri()
        where = f"{name}, {window[0]}, {scheme}:"

        def asked(request):
            self.requests += 1
            self.that(request.url == url or request.url == "data:,", where, "asked for", request.url)

        page.on("request", asked)
        page.on("console", lambda message: self.that(
            message.type not in ("error", "warning"), where, "the console says", message.text))
        page.on("pageerror", lambda error: self.that(False, where, "an error in the page:", error))
        page.on("dialog", lambda dialog: self.that(False, where, "a script ran:", dialog.message))
        page.goto(url)
        return context, page, where

    def measure(self, page, where, phone):
        self.looks += 1
        result = page.evaluate(self.script, phone)
        self.lowest = min(self.lowest, result["lowest"])
        for words in dict.fromkeys(result["wrong"]):
            self.that(False, where, words)

    def look(self, browser, name, window, scheme):
        context, page, where = self.open(browser, name, window, scheme)
        self.measure(page, where, window[3])
        self.that(page.locator(".verdict strong").first.inner_text() == self.expected["verdicts"][name], where,
                  "the verdict is", page.locator(".verdict strong").first.inner_text())
        # The verdict stands in the first window.
        self.that(page.locator(".verdict").first.bounding_box()["y"] < window[2] / 2, where, "the verdict is far down")
        found = Axe().run(page, options={"runOnly": RULES})
        self.rules += len(found.response["passes"])
        for violation in found.response["violations"]:
            self.that(False, where, "axe:", violation["id"], violation["nodes"][0]["html"][:120])
        if window[0] != "narrow":
            height = page.evaluate("document.documentElement.scrollHeight")
            page.screenshot(path=self.folder / f"{name}-{window[0]}-{scheme}.png", full_page=True,
                            clip={"x": 0, "y": 0, "width": window[1], "height": min(height, TALLEST)})
            self.pictures += 1
        context.close()

    def print(self, browser, name, scheme):
        """As it is printed, also by who reads in dark mode."""
        context, page, where = self.open(browser, name, ("A4", PRINTED, 1000, False), scheme)
        page.emulate_media(media="print")
        self.measure(page, where, False)
        self.that(page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", where,
                  "the paper is not white")
        path = self.folder / f"{name}-{scheme}.pdf"
        page.pdf(path=path, prefer_css_page_size=True, print_background=True)
        boxes = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", path.read_bytes()))
        self.that(boxes and all(abs(float(w) - 595) < 1.5 and abs(float(h) - 842) < 1.5 for w, h in boxes), where,
                  "the sheets are not A4:", boxes)
        self.sheets += len(re.findall(rb"/Type\s*/Page\b", path.read_bytes()))
        context.close()

    def harmless(self, browser):
        """What is hostile stands there as text, all of it."""
        context, page, where = self.open(browser, "complete", WINDOWS[0], "light")
        text = page.locator("main").inner_text()
        for address in self.expected["hostile"]:
            shown = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", lambda m: f"\\u{{{ord(m[0]):x}}}", address)
            self.that(shown in text, where, "the address is not shown as it is:", ascii(shown))
        note = json.loads((self.folder / "complete.json").read_text())["generated_from"]["checkpoint"]["note"]
        self.that(page.locator("pre").text_content() == note, where, "the checkpoint cannot be copied as it is")
        context.close()

    def run(self):
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            version = browser.version
            for name in self.expected["verdicts"]:
                for scheme in SCHEMES:
                    for window in WINDOWS:
                        self.look(browser, name, window, scheme)
                    self.print(browser, name, scheme)
            self.harmless(browser)
            browser.close()
        for words in self.wrong[:40]:
            print("WRONG", words)
        if self.wrong:
            sys.exit(f"browser: {len(self.wrong)} things are not as they should be")
        print(f"browser: Chromium {version}: {len(self.expected['verdicts'])} reports looked at in {self.looks} ways"
              f" (desktop, phones, A4; light and dark): no console message, {self.requests} requests for the file and"
              f" none else, contrast {self.lowest:.2f} at the least, {self.rules} rules of axe hold,"
              f" {len(self.expected['hostile'])} hostile addresses are text; {self.pictures} pictures,"
              f" {self.sheets} sheets of A4")


if __name__ == "__main__":
    Check(pathlib.Path(sys.argv[1]).resolve()).run()
