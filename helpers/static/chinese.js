// Marks Chinese within an element as Chinese: a voice then reads it as such, and a font draws it so.
function markChinese(root) {
  const HAN = /(\p{Script=Han}+)/u, KANA = /[\u3040-\u30ff]/;
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const { data, parentElement } = walk.currentNode;
    if (HAN.test(data) && !KANA.test(data) && !parentElement.closest("[lang|=zh], script, style, svg, textarea, option")) found.push(walk.currentNode);
  }
  for (const text of found) {
    const parts = text.data.split(HAN).filter(Boolean).map((part) => {
      if (!HAN.test(part)) return part;
      const span = document.createElement("span");
      span.lang = "zh";
      span.textContent = part;
      return span;
    });
    text.replaceWith(...parts);
  }
}
// Marks what JupyterLab itself draws in a notebook that holds a view, too: prose, printed text and
// tables, now and whenever a cell is drawn anew.
function markNotebook(notebook) {
  if (!notebook || notebook.dataset.silkroadChinese) return;
  notebook.dataset.silkroadChinese = "marked";
  const mark = () => notebook.querySelectorAll(".jp-RenderedHTMLCommon, .jp-RenderedText").forEach(markChinese);
  let rest = 0;
  new MutationObserver(() => {
    clearTimeout(rest);
    rest = setTimeout(mark, 500);
  }).observe(notebook, { subtree: true, childList: true });
  mark();
}
