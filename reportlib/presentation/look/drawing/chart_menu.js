/* Adds "Save as CSV" to the menu of each chart in JupyterLab: the rows that the chart was made of. */
(() => {
  if (window.reportlibChartMenu) return;
  window.reportlibChartMenu = true;
  const text = (value) => value instanceof Date ? value.toISOString() : typeof value === "object" ? JSON.stringify(value) : String(value);
  const cells = (rows) => {
    const names = [...new Set(rows.flatMap(Object.keys))];
    return [names, ...rows.map((row) => names.map((name) => text(row[name] ?? ""))), []]; // a blank line behind it
  };
  document.addEventListener("toggle", ({ target }) => {
    const menu = target.open && target.closest(".jp-RenderedVegaCommon5") && target.querySelector(".vega-actions");
    const drawn = menu && [...target.parentElement.querySelectorAll("svg.marks *")].find((one) => one.__data__?.mark?.group?.context);
    if (!drawn || menu.querySelector("[download$=csv]")) return;
    const view = drawn.__data__.mark.group.context.dataflow;
    const { data } = view.getState({ signals: () => false, data: (name) => /^(source_|data-)/.test(name) });
    const tables = Object.values(data).filter((rows) => rows?.length);
    if (!tables.length) return;
    const href = csvAddress(tables.flatMap(cells));
    menu.append(Object.assign(document.createElement("a"), { href, download: "chart.csv", text: "Save as CSV" }));
  }, true);
})();
