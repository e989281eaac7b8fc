// Looks at the page as it is laid out, and returns what must not be: a list of sentences.
(phone) => {
  const wrong = [];
  const that = (holds, words) => { if (!holds) wrong.push(words); };
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const name = (element) => `<${element.localName}> ${(element.textContent || "").trim().slice(0, 40)}`;

  // MARK: What the page is made of.
  for (const bad of ["script", "iframe", "object", "embed", "img", "form", "base", "a", "link[rel=stylesheet]"]) {
    that(all(bad).length === 0, `there is a ${bad}`);
  }
  for (const element of all("*")) {
    for (const attribute of element.attributes) {
      that(!attribute.name.startsWith("on"), `${name(element)} has ${attribute.name}`);
      const leads = ["href", "src", "srcset", "action", "xlink:href"].includes(attribute.name);
      that(!leads || attribute.value.startsWith("data:"), `${name(element)} leads to ${attribute.value}`);
    }
  }
  that(!/[\u202a-\u202e\u2066-\u2069\u200b-\u200f\u0000]/.test(document.documentElement.outerHTML),
    "a mark that turns the direction of writing, or hides in it, stands in the page");

  // An address in letters that run from right to left keeps its domain behind the @.
  that(all("bdi").length > 0 && all("bdi").every((text) => getComputedStyle(text).direction === "ltr"), "not from left");

  // MARK: How somebody finds his way who does not see it.
  that(document.documentElement.lang !== "", "no language");
  that(document.title !== "", "no title");
  for (const landmark of ["body > header", "main", "body > footer"]) {
    that(all(landmark).length === 1, `there are ${all(landmark).length} of ${landmark}`);
  }
  const headings = all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.localName[1]));
  that(headings.filter((level) => level === 1).length === 1, "not one h1");
  that(headings.every((level, at) => at === 0 ? level === 1 : level <= headings[at - 1] + 1), "a heading is left out");
  that(headings.filter((level) => level === 2).length >= 5, "fewer than five sections");
  for (const section of all("section")) {
    that(document.getElementById(section.getAttribute("aria-labelledby"))?.textContent, "a section without a name");
  }
  that(all("table").length >= 2, "fewer than two tables");
  for (const table of all("table")) {
    for (const cell of all("thead th", table)) {
      that(cell.scope === "col", `${name(cell)} is no header of a column`);
      that(cell.textContent.trim() || cell.querySelector("[aria-label]"), "a header of a column says nothing");
    }
    const columns = all("thead th", table).length;
    for (const row of all("tbody tr", table)) {
      that(all("th[scope=row]", row).length === 1, `a row without a header: ${name(row)}`);
      that(columns === 0 || row.children.length === columns, `a row of another length: ${name(row)}`);
    }
  }
  for (const picture of all("svg")) {
    const isNamed = picture.getAttribute("role") === "img" && picture.getAttribute("aria-label");
    that(isNamed || picture.getAttribute("aria-hidden") === "true", "a picture without words");
  }

  // MARK: Contrast, WCAG 2.2, 1.4.3 and 1.4.11.
  const numbers = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const luminance = (color) => {
    const [r, g, b] = numbers(color).slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      const alpha = numbers(color)[3] ?? 1;
      if (alpha === 1) return color;
      that(alpha === 0, `${name(at)} has a background that shines through`);
    }
    that(false, "no background at all");
    return "rgb(255, 255, 255)";
  };
  let lowest = 99;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("style") || element.getClientRects().length === 0) continue;
    const style = getComputedStyle(element);
    const isDrawn = element instanceof SVGElement;
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(isDrawn ? style.fill : style.color, background(element));
    lowest = Math.min(lowest, ratio);
    that(ratio >= (isLarge ? 3 : 4.5), `contrast ${ratio.toFixed(2)} of ${name(element)}`);
  }
  for (const drawn of all("svg .line, svg rect.accepted, svg rect.expired, svg rect.deleted, svg rect.inferred, "
      + "svg rect.vanished, svg rect.other, svg .watched, svg .hatch, svg line.late")) {
    const style = getComputedStyle(drawn);
    const color = style.stroke !== "none" ? style.stroke : style.fill;
    const ground = drawn.matches(".hatch, line.late")
      ? getComputedStyle(drawn.parentElement.querySelector(".gap, .watched")).fill
      : background(drawn.closest("figure") || drawn);
    that(contrast(color, ground) >= 3, `contrast ${contrast(color, ground).toFixed(2)} of ${drawn.outerHTML}`);
  }

  // MARK: Whether it fits.
  const width = document.documentElement.clientWidth;
  that(document.documentElement.scrollWidth <= width,
    `the page is ${document.documentElement.scrollWidth} wide in a window of ${width}`);
  for (const element of all("h1, h2, h3, p, table, td, th, li, pre, figcaption, .verdict")) {
    const box = element.getBoundingClientRect();
    const isHidden = element.closest("thead") && phone;
    that(isHidden || box.right <= width + 0.5, `${name(element)} reaches ${Math.round(box.right)} of ${width}`);
  }
  for (const cell of all("td, th, pre, h1, li")) {
    const isHidden = (cell.closest("thead") && phone) || cell.querySelector(".unseen");
    that(isHidden || cell.scrollWidth <= cell.clientWidth + 1, `the text runs out of ${name(cell)}`);
  }
  return { wrong, lowest };
}
