/* Makes the drawn charts live. Whatever fails, the drawing stays. */
(async () => {
  if (!("DecompressionStream" in window)) return;
  const unpacked = async (element) => {
    const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const known = new Set(Object.keys(window));
  new Function(await unpacked(document.querySelector(".bundle")))();
  const { vegaEmbed } = window;
  for (const name of Object.keys(window)) if (!known.has(name)) delete window[name];
  const fitted = (spec, width) => {
    for (const view of spec.vconcat || [spec]) view.width = width;
    return spec;
  };
  const saved = (name, address) => Object.assign(document.createElement("a"), { href: address, download: name }).click();
  const button = (text, does) => Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick: does });
  const texts = (table) => [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  const picture = async (spec) => { // as on light ground, wherever it is looked at: letters on white
    const { view } = await vegaEmbed(document.createElement("div"), { ...spec, background: "white" }, { actions: false });
    return view.toImageURL("png", 2).finally(() => view.finalize());
  };
  const saving = (spec, figure) => {
    const menu = Object.assign(document.createElement("p"), { className: "saving" });
    menu.append(button("Save as PNG", async () => saved("chart.png", await picture(spec))));
    const table = figure.querySelector("table");
    if (table) menu.append(" ", button("Save as CSV", () => saved("chart.csv", csvAddress(texts(table)))));
    return menu;
  };
  const ground = getComputedStyle(document.body);
  const inks = { labelColor: ground.getPropertyValue("--muted"), titleColor: ground.getPropertyValue("--muted") };
  const lines = { gridColor: ground.getPropertyValue("--line"), domainColor: ground.getPropertyValue("--line"), tickColor: ground.getPropertyValue("--line") };
  const config = { axis: { ...inks, ...lines }, legend: inks, title: { color: ground.getPropertyValue("--ink") } };
  for (const figure of document.querySelectorAll("figure")) {
    const source = figure.querySelector("script");
    if (!source) continue;
    const live = document.createElement("div");
    const room = figure.clientWidth;
    try {
      const spec = fitted(JSON.parse(await unpacked(source)), room - (room < 500 ? 140 : 190));
      await vegaEmbed(live, spec, { actions: false, renderer: "svg", config });
      figure.querySelector(".drawing").replaceWith(live);
      live.after(saving(spec, figure));
    } catch (error) {
      console.warn("The drawing stays:", error.message);
    }
  }
})();
