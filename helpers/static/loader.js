// What all views share comes once, packed, in a widget of its own: their code and their style, too.
async function shared(model) {
  const parts = await model.widget_manager.get_model(model.get("parts").replace("IPY_MODEL_", ""));
  const unpack = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  const { widget, style } = await (parts.silkroadAssets ||= unpack(parts.get("packed")));
  parts.silkroadCode ||= import(URL.createObjectURL(new Blob([widget], { type: "text/javascript" })));
  return { code: (await parts.silkroadCode).default, style };
}
// Where this code took more than two seconds to come, as on a busy machine, anywidget refuses every
// message of the kernel from then on. Such a model hears as other widgets do, and asks what it missed.
async function hear(model) {
  let whole; // the model itself, which anywidget keeps behind `model`
  const found = (one) => { whole = one; };
  model.on("change:silkroadHears", found);
  model.set("silkroadHears", Math.random());
  model.off("change:silkroadHears", found);
  if (!whole?.comm) return; // without a kernel
  try {
    await whole._handle_comm_msg({ content: { data: {} } });
  } catch {
    whole.comm.on_msg(Object.getPrototypeOf(whole.constructor.prototype)._handle_comm_msg.bind(whole));
    whole.comm.send({ method: "request_state" });
  }
}
export default {
  async render({ model, el }) {
    hear(model);
    const { code, style } = await shared(model);
    const sheet = document.getElementById("silkroad-style") || document.head.appendChild(document.createElement("style"));
    sheet.id = "silkroad-style";
    if (sheet.textContent !== style) sheet.textContent = style;
    return code.render({ model, el });
  },
};
