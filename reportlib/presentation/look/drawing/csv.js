/* Rows of texts as CSV, in which no text is a formula: an address from which a spreadsheet is saved. */
const csvAddress = (rows) => {
  const quoted = (text) => `"${(/^[=+\-@\t\r]/.test(text) && isNaN(text) ? "'" : "") + text.replaceAll('"', '""')}"`;
  return `data:text/csv;charset=utf-8,${encodeURIComponent("\ufeff" + rows.map((row) => row.map(quoted).join(",")).join("\r\n"))}`;
};
