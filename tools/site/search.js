// Under each page that Sphinx's search found: the sections that hold the words, with the place.
// Sphinx would fetch the pages for that, which a page from a disk may not.
let silkroadSections;
(() => {
  "use strict";
  const MOST = 4, AROUND = 90;
  const sections = new Promise((done) => { silkroadSections = done; });
  const make = (tag, name, parent, text) => {
    const node = document.createElement(tag);
    if (name) node.className = "silkroad-" + name;
    node.textContent = text;
    parent.append(node);
    return node;
  };

  // The words of the question as the pages may hold them: satellites finds satellite, too.
  function asked() {
    const query = new URLSearchParams(location.search).get("q") || "";
    const words = query.toLowerCase().split(/[^\p{L}\p{N}_]+/u).filter(Boolean);
    const stemmer = new Stemmer();
    return words.map((word) => {
      const stem = stemmer.stemWord(word);
      return word.startsWith(stem) ? stem : word;
    });
  }
  function snippet(text, words, parent) {
    const low = text.toLowerCase();
    const at = Math.min(...words.map((word) => low.indexOf(word)).filter((place) => place >= 0));
    if (at === Infinity) return;
    const from = at < AROUND ? 0 : text.lastIndexOf(" ", at - AROUND) + 1;
    const piece = text.slice(from, at + 2 * AROUND), line = make("p", "snippet", parent, from ? "… " : "");
    let done = 0;
    const every = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "gi");
    for (const found of piece.matchAll(every)) {
      line.append(piece.slice(done, found.index));
      make("mark", "", line, found[0]);
      done = found.index + found[0].length;
    }
    line.append(`${piece.slice(done)} …`);
    markChinese(line);
  }
  async function add(item) {
    const link = item.querySelector("a"), words = asked();
    const [page, anchor] = link.getAttribute("href").split("#");
    const known = (await sections)[page.replace(/\.html.*$/, "")] || [];
    const count = ([, heading, text]) => words.filter((word) => `${heading} ${text}`.toLowerCase().includes(word)).length;
    const best = known.filter((one) => (anchor ? one[0] === anchor : count(one)))
      .sort((a, b) => count(b) - count(a)).slice(0, MOST);
    if (!best.length) return;
    const list = make("ul", "sections", item, "");
    for (const [id, heading, text] of best) {
      const place = make("li", "", list, "");
      make("a", "", place, heading).href = `${page}#${id}`;
      markChinese(place);
      snippet(text, words, place);
    }
  }
  document.addEventListener("DOMContentLoaded", () => {
    const results = document.getElementById("search-results");
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) if (node.matches?.("ul.search > li")) add(node);
      }
    }).observe(results, { subtree: true, childList: true });
  });
})();
