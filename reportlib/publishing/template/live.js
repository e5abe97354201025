/* Makes the drawn charts live. Whatever fails, the drawing stays. */
(async () => {
  const packed = document.getElementById("vega");
  if (!packed || !("DecompressionStream" in window)) return;
  const bytes = Uint8Array.from(atob(packed.textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  new Function(await new Response(stream).text())();
  const fit = (spec, width) => {
    for (const view of spec.vconcat || [spec]) view.width = width;
    return spec;
  };
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  for (const figure of document.querySelectorAll("figure")) {
    const source = figure.querySelector('script[type="application/json"]');
    if (!source) continue;
    const live = document.createElement("div");
    const width = Math.max(200, figure.clientWidth - (figure.clientWidth < 500 ? 130 : 200));
    try {
      const options = { actions: false, renderer: "svg", theme: dark ? "dark" : undefined };
      await window.vegaEmbed(live, fit(JSON.parse(source.textContent), width), options);
      for (const drawn of figure.querySelectorAll(".wide, .phone")) drawn.remove();
      figure.prepend(live);
    } catch (error) {
      console.warn("The drawing stays:", error.message);
    }
  }
})();
