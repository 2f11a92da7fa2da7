#!/usr/bin/env bash
# Question: a slider is linked in the page to a play button (`jslink`), and a hand moves the slider:
#   when does the kernel hear of the slider?
# Natural guess: first, as it is the slider that was moved; the link costs the kernel nothing.
# Found, @jupyter-widgets/base 6.0.11 and controls 5.0.12: second. The link sets the button, and has it
#   told to the kernel, within the slider's own change, before the slider's view tells the slider's.
#   So an observer of the slider waits until the kernel has taken, echoed and finished a message to a
#   widget that nobody observes: 5 to 10 ms of the 50 from the key to the changed picture.
# Needs Node.js and npm. What a hand does is done as the slider's view does it: set, then touch.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
echo '{"private": true}' > package.json
npm install --silent --no-audit --no-fund @jupyter-widgets/base@6.0.11 \
  @jupyter-widgets/base-manager@1.0.12 @jupyter-widgets/controls@5.0.12 esbuild@0.25.0 jsdom@24.0.0
cat > page.mjs <<'JS'
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";

const told = []; // what the kernel hears: [widget, its state], in order
class Page extends ManagerBase {
  async loadClass(name, module) { return (module.endsWith("controls") ? controls : base)[name]; }
  async _get_comm_info() { return {}; }
  async _create_comm(target, id) {
    const done = (callbacks) => callbacks?.iopub?.status?.({ content: { execution_state: "idle" }, parent_header: {} });
    const hear = (data, callbacks) => {
      if (data.method === "update") told.push([id, data.state]);
      setTimeout(() => done(callbacks), 20); // the kernel has finished it
      return `to-${id}`;
    };
    return { comm_id: id, on_msg() {}, on_close() {}, close() {}, send: hear };
  }
  make(kind, id, state = {}) {
    const module = kind === "Layout" ? "base" : "controls", model_module = `@jupyter-widgets/${module}`;
    return this.new_widget({ model_id: id, model_name: `${kind}Model`, model_module, model_module_version: "2.0.0",
      view_name: `${kind}View`, view_module: model_module, view_module_version: "2.0.0" }, state);
  }
}

const page = new Page();
const slider = await page.make("IntSlider", "slider", { min: 0, max: 9, value: 1 });
const button = await page.make("Play", "button", { min: 0, max: 9, value: 1 });
await page.make("Link", "link", { source: ["IPY_MODEL_slider", "value"], target: ["IPY_MODEL_button", "value"] });
await new Promise((done) => { setTimeout(done, 200); });
told.length = 0;
slider.set("value", 5);
slider.save_changes(); // as `touch` does
await new Promise((done) => { setTimeout(done, 200); });
console.log(JSON.stringify(told.filter(([, state]) => "value" in state).map(([id, state]) => [id, state.value])));
process.exit(0);
JS
npx esbuild page.mjs --bundle --platform=node --format=esm --outfile=bundle.mjs --log-level=error \
  --loader:.css=empty --loader:.svg=empty --banner:js='import { createRequire } from "node:module"; const require = createRequire(import.meta.url);
const { JSDOM } = require("jsdom"); const { window } = new JSDOM("<body></body>", { pretendToBeVisual: true });
for (const name of Object.getOwnPropertyNames(window)) if (!(name in globalThis)) { try { globalThis[name] = window[name]; } catch {} }
globalThis.window = window; globalThis.document = window.document; globalThis.DragEvent = class extends window.MouseEvent {};'
found=$(node bundle.mjs)
echo "moving the slider tells the kernel, in this order: $found"
[ "$found" = '[["button",5],["slider",5]]' ]
