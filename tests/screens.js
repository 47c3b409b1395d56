// Runs on the page that screens.py makes, and writes into it what is wrong with the mails in its frames.
"use strict";

const SMALLEST = 12; // px
const CONTRAST = 4.5; // of WCAG 2, level AA
const LONGEST = 20; // letters of a word that a line must not break
const NEAR = 1; // px by which what is drawn may differ from what is meant
const TAIL = 10; // px by which the bar beside a quote may be longer than the quote
const LEADING = 4; // px that the boxes of two lines may share where nothing of their letters does

const rgba = (colour) => {
  const parts = colour.match(/[\d.]+/g).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
};

const over = (above, below) => above.rgb.map((part, i) => part * above.alpha + below[i] * (1 - above.alpha));

const luminance = (rgb) => {
  const [r, g, b] = rgb.map((part) => part / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};

const above = (element) => (element ? [element, ...above(element.parentElement)] : []);

// What a reader sees behind an element, and how much of the letters themselves.
const behind = (view, element, canvas) => {
  const layers = above(element).reverse().map((one) => rgba(view.getComputedStyle(one).backgroundColor));
  return layers.reduce((below, layer) => over(layer, below), canvas);
};

const canvasOf = (doc) => {
  const probe = doc.body.appendChild(doc.createElement("div"));
  probe.style.backgroundColor = "Canvas";
  const colour = rgba(doc.defaultView.getComputedStyle(probe).backgroundColor).rgb;
  probe.remove();
  return colour;
};

const boxes = (doc, node, from, to) => {
  const range = doc.createRange();
  range.setStart(node, from);
  range.setEnd(node, to);
  return [...range.getClientRects()].filter((box) => box.width > 0 && box.height > 0);
};

// Each text that is drawn: its words, its element with its style, its boxes, one for each line.
const textsOf = (doc) => {
  const found = [];
  const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const drawn = node.data.trim() && element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const where = drawn ? boxes(doc, node, 0, node.length) : [];
    if (where.length) {
      found.push({ node, element, style: doc.defaultView.getComputedStyle(element), where, words: node.data.trim() });
    }
  }
  return found;
};

const broken = (doc, text) =>
  [...text.node.data.matchAll(/\S+/g)]
    .filter((word) => word[0].length <= LONGEST)
    .filter((word) => {
      const parts = word[0].split(/(?<=[-/?@.])/); // where any browser may begin a line
      let at = word.index;
      return parts.some((part) => {
        const lines = new Set(boxes(doc, text.node, at, (at += part.length)).map((box) => Math.round(box.top)));
        return lines.size > 1;
      });
    })
    .map((word) => word[0]);

const cutOff = (view, text) =>
  above(text.element).some((one) => {
    if (view.getComputedStyle(one).overflow === "visible" || one === view.document.documentElement) return false;
    const room = one.getBoundingClientRect();
    return text.where.some(
      (box) =>
        box.left < room.left - NEAR || box.right > room.right + NEAR ||
        box.top < room.top - NEAR || box.bottom > room.bottom + NEAR,
    );
  });

const overlapping = (texts) => {
  const all = texts.flatMap((text) => text.where.map((box) => ({ box, text })));
  const meet = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > NEAR &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > LEADING;
  const pairs = all.flatMap((one, i) => all.slice(i + 1).filter((other) => meet(one.box, other.box)).map((o) => [one, o]));
  return pairs.map(([one, other]) => `"${one.text.words}" and "${other.text.words}" overlap`);
};

const tail = (texts, quote) => {
  const bottoms = texts.filter((text) => quote.contains(text.element)).flatMap((text) => text.where.map((box) => box.bottom));
  return bottoms.length ? quote.getBoundingClientRect().bottom - Math.max(...bottoms) : 0;
};

const wrongInLink = (view, link) => {
  const style = view.getComputedStyle(link);
  if (!/^(mailto:[^?]+@|https?:\/\/)/.test(link.getAttribute("href") ?? "")) return "leads nowhere";
  return style.textDecorationLine.includes("underline") ? "" : "does not look like one";
};

const wrongIn = (frame) => {
  const doc = frame.contentDocument;
  const view = frame.contentWindow;
  const width = frame.clientWidth;
  const canvas = canvasOf(doc);
  const texts = textsOf(doc);
  const wrong = overlapping(texts);
  if (!texts.length) wrong.push("nothing is shown");
  if (doc.documentElement.scrollWidth > width) wrong.push(`it is ${doc.documentElement.scrollWidth} px wide`);
  for (const text of texts) {
    const say = (what) => wrong.push(`"${text.words}" ${what}`);
    const ground = behind(view, text.element, canvas);
    const measured = contrast(over(rgba(text.style.color), ground), ground);
    if (measured < CONTRAST) say(`has a contrast of ${measured.toFixed(1)}`);
    if (parseFloat(text.style.fontSize) < SMALLEST) say(`is ${text.style.fontSize} high`);
    if (above(text.element).some((one) => view.getComputedStyle(one).backgroundImage !== "none")) say("is on a picture");
    if (text.where.some((box) => box.left < -NEAR || box.right > width + NEAR)) say("is beside the screen");
    if (cutOff(view, text)) say("is cut off");
    for (const word of broken(doc, text)) say(`has a line break in ${word}`);
    if (/\b(mailto:|https?:\/\/)/.test(text.words) && !text.element.closest("a")) say("is no link");
  }
  for (const quote of doc.querySelectorAll("blockquote")) {
    if (tail(texts, quote) > TAIL) wrong.push("the bar beside a quote goes on below it");
  }
  for (const link of doc.querySelectorAll("a")) {
    const what = wrongInLink(view, link);
    if (what) wrong.push(`the link "${link.textContent.trim()}" ${what}`);
  }
  return wrong;
};

addEventListener("load", () => {
  const frames = [...document.querySelectorAll("iframe")];
  for (const frame of frames) frame.height = frame.contentDocument.documentElement.scrollHeight;
  const found = Object.fromEntries(frames.map((frame) => [frame.title, wrongIn(frame)]));
  document.getElementById("found").textContent = JSON.stringify(found);
});
