#!/usr/bin/env bash
# Question: what becomes of an anywidget whose module takes more than two seconds to load, as it does
#   on a busy machine or over a slow network?
# Natural guess: it is shown later, and answers from then on; or it is refused, and not shown.
# Found, anywidget 0.11.0: it is shown, but deaf. The runtime gives its module 2,000 ms; after that
#   every message of the kernel to this widget is rejected for good ("Failed to initialize model."),
#   also once the module is there and has drawn. A slider moves, the kernel computes, the picture
#   stays; only the console says a word. The same module in half a second hears all.
# Needs Node.js, in which the front end of the wheel runs with a bare model beneath it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/env"
"$place/env/bin/python" -m pip install --quiet --disable-pip-version-check anywidget==0.11.0
cp "$place/env/share/jupyter/nbextensions/anywidget/index.js" "$place/index.cjs"
cd "$place"
cat > hear.mjs <<'JS'
import assert from "node:assert/strict";
import { createRequire } from "node:module";

// What a browser has and Node has not: modules from a Blob, and a page's nodes.
globalThis.Blob = class { constructor(parts) { this.text = parts.join(""); } };
URL.createObjectURL = (blob) => `data:text/javascript,${encodeURIComponent(blob.text)}`;
URL.revokeObjectURL = () => {};
process.on("unhandledRejection", () => {}); // a page goes on after it

// The parts of a widget's model and view that the front end asks for.
class Model {
  constructor(state) { this.state = state; this.heard = []; this.initialize(); }
  initialize() {}
  get(key) { return this.state[key]; }
  on() {} off() {} once() {} set() {} send() {} save_changes() {}
  async _handle_comm_msg(message) { this.heard.push(message.content.data.state.value); }
}
class View {
  constructor(model) { this.model = model; this.el = {}; this.$el = { empty() {} }; }
}
let made;
globalThis.define = (_, factory) => { made = factory({ DOMWidgetModel: Model, DOMWidgetView: View }); };
createRequire(import.meta.url)("./index.cjs");

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
const update = (value) => ({ content: { data: { method: "update", state: { value } } } });

async function seen(loadingMs) {
  const esm = `await new Promise((done) => { setTimeout(done, ${loadingMs}); });
    export default { render({ el }) { el.drawn = true; } };`;
  const model = new made.AnyModel({ _esm: esm, _css: "", _anywidget_id: `after ${loadingMs} ms` });
  const view = new made.AnyView(model);
  view.render();
  await wait(3500);
  let said = "nothing";
  try { await model._handle_comm_msg(update(1)); } catch (problem) { said = problem.message; }
  return { drawn: view.el.drawn === true, heard: model.heard.length, said };
}

const [soon, late] = [await seen(500), await seen(2500)];
console.log("module after half a second:", soon, "after two and a half:", late);
assert.deepEqual(soon, { drawn: true, heard: 1, said: "nothing" });
assert.deepEqual(late, { drawn: true, heard: 0, said: "[anywidget] Failed to initialize model." });
process.exit(0);
JS
node hear.mjs
