/* Adds "Save as CSV" to the menu of each chart in JupyterLab: the rows that the chart was made of. */
(() => {
  if (window.reportlibChartMenu) return;
  window.reportlibChartMenu = true;
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    const text = value instanceof Date ? value.toISOString() : typeof value === "object" ? JSON.stringify(value) : String(value);
    return `"${(/^[=+\-@\t\r]/.test(text) && isNaN(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
  };
  const csv = (rows) => {
    const names = [...new Set(rows.flatMap(Object.keys))];
    return [names, ...rows.map((row) => names.map((name) => row[name]))].map((row) => row.map(cell).join(",")).join("\r\n");
  };
  document.addEventListener("toggle", ({ target }) => {
    const menu = target.open && target.closest(".jp-RenderedVegaCommon5") && target.querySelector(".vega-actions");
    const drawn = menu && [...target.parentElement.querySelectorAll("svg.marks *")].find((one) => one.__data__?.mark?.group?.context);
    if (!drawn || menu.querySelector("[download$=csv]")) return;
    const view = drawn.__data__.mark.group.context.dataflow;
    const { data } = view.getState({ signals: () => false, data: (name) => /^(source_|data-)/.test(name) });
    const tables = Object.values(data).filter((rows) => rows?.length);
    if (!tables.length) return;
    const href = `data:text/csv;charset=utf-8,${encodeURIComponent("\ufeff" + tables.map(csv).join("\r\n\r\n"))}`;
    menu.append(Object.assign(document.createElement("a"), { href, download: "chart.csv", text: "Save as CSV" }));
  }, true);
})();
