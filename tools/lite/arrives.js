// In JupyterLite's page: a sentence where Python does not come, and the room to the notebook on a
// telephone. Python is fetched from another host when a lesson opens; until then cells show [*].
(() => {
  "use strict";
  const WAIT_MS = 5000, SETTLED_MS = 30000, LOOK_MS = 500, NARROW = "(max-width: 760px)";
  const BINDER = "https://mybinder.org/v2/gh/space-silk-road/notebooks/HEAD?urlpath=lab/tree/notebooks/00-start-here.ipynb";
  const begun = performance.now();
  const app = () => window.jupyterapp;
  const has = (node) => node?.session?.kernel?.status === "idle" || node?.session?.kernel?.status === "busy";
  const arrived = () => has(app()?.shell.currentWidget?.sessionContext);

  const make = (tag, parent, text) => {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    parent.append(node);
    return node;
  };
  function say() {
    const bar = make("div", document.body);
    bar.id = "silkroad-arrives";
    bar.dataset.afterMs = Math.round(performance.now() - begun);
    bar.setAttribute("role", "status");
    bar.style.cssText = "position:fixed;inset:auto 0 0 0;z-index:10000;padding:10px 14px;background:#fff3cd;color:#3d2c00;border-top:2px solid #b38600;font:15px/1.4 system-ui,sans-serif";
    make("span", bar, "Python has not arrived yet, so cells wait. It comes from another host, and the first time it is large. If your network does not let it through, cells stay at [*]: try another network, or ");
    make("a", bar, "run the lessons on Binder").href = BINDER;
    make("span", bar, ". ");
    const close = make("button", bar, "Close");
    close.style.cssText = "font:inherit;min-height:28px;padding:2px 12px";
    close.addEventListener("click", () => bar.remove());
    return bar;
  }

  let bar = null, closed = false;
  const look = setInterval(() => {
    if (arrived()) {
      bar?.remove();
      clearInterval(look);
    } else if (!bar && !closed && performance.now() - begun > WAIT_MS) {
      bar = say();
      closed = true;
    }
  }, LOOK_MS);

  // JupyterLab keeps its file list open beside the notebook, also where both do not fit, and opens
  // it anew when the lesson of the address comes. Once the reader has touched the page it is theirs.
  const close = setInterval(() => {
    const shell = app()?.shell;
    if (!shell?.currentWidget || shell.leftCollapsed) return;
    shell.collapseLeft();
    const bar = document.querySelector(".jp-SideBar.jp-mod-right:not(.lm-mod-hidden)");
    if (bar) app().commands.execute("application:toggle-side-tabbar", { side: "right" });
  }, LOOK_MS);
  const theirs = () => clearInterval(close);
  if (!matchMedia(NARROW).matches) theirs();
  addEventListener("pointerdown", theirs, { once: true, capture: true });
  setTimeout(theirs, SETTLED_MS);
})();
