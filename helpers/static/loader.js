// What all views share comes once, packed, in a widget of its own: their code and their style, too.
async function shared(model) {
  const parts = await model.widget_manager.get_model(model.get("parts").replace("IPY_MODEL_", ""));
  const unpack = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  const { widget, style } = await (parts.silkroadAssets ||= unpack(parts.get("packed")));
  parts.silkroadCode ||= import(URL.createObjectURL(new Blob([widget], { type: "text/javascript" })));
  return { code: (await parts.silkroadCode).default, style };
}
export default {
  async render({ model, el }) {
    const { code, style } = await shared(model);
    const sheet = document.getElementById("silkroad-style") || document.head.appendChild(document.createElement("style"));
    sheet.id = "silkroad-style";
    if (sheet.textContent !== style) sheet.textContent = style;
    return code.render({ model, el });
  },
};
