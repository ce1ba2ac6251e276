"use strict";
(function () {
  const page = document.documentElement;
  const note = (name, text) => page.setAttribute(name, (page.getAttribute(name) || "") + text + "\n");
  window.addEventListener("error", (event) => note("data-errors", event.message));
  window.addEventListener("unhandledrejection", (event) => note("data-errors", String(event.reason)));
  document.addEventListener("securitypolicyviolation", (event) => note("data-blocked", event.blockedURI));

  const plots = JSON.parse(document.getElementById("plots").textContent);
  const boxes = Array.from(document.querySelectorAll(".plot"));
  const settings = {
    responsive: true,
    displaylogo: false,
    // Named one by one: plotly's own choice has a button that sends the chart to its makers' cloud.
    modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
    showLink: false,
    showEditInChartStudio: false,
    plotlyServerURL: "",
    topojsonURL: "",
    scrollZoom: false,
  };

  function failed(box, problem) {
    note("data-errors", box.id + ": " + problem);
    box.dataset.state = "failed";
    box.removeAttribute("style");
    box.textContent = "This chart could not be drawn. " + box.getAttribute("aria-label");
  }

  for (const box of boxes) {
    try {
      const plot = plots[box.id];
      plot.layout.height = Number(box.dataset.height);
      const shown = Object.assign({}, settings, {
        displayModeBar: plot.layout.height >= 360 ? "hover" : false,
        toImageButtonOptions: { format: "svg", filename: box.id },
      });
      window.Plotly.newPlot(box, plot.data, plot.layout, shown).then(
        () => { box.dataset.state = "drawn"; },
        (problem) => failed(box, problem)
      );
    } catch (problem) {
      failed(box, problem);
    }
  }

  function resize(box, share, width) {
    const height = Math.round(Number(box.dataset.height) * share);
    box.style.height = height + "px";
    window.Plotly.relayout(box, { width: width, height: height, autosize: width === null });
  }

  // Paper has its own width, and can't unfold what is folded away.
  const drawn = () => boxes.filter((box) => box.dataset.state === "drawn");
  const folded = Array.from(document.querySelectorAll("details.onpaper"));
  window.addEventListener("beforeprint", () => {
    for (const part of folded) { part.dataset.was = part.open ? "open" : ""; part.open = true; }
    for (const box of drawn()) { resize(box, 0.8, box.closest(".grid") ? 330 : 680); }
  });
  window.addEventListener("afterprint", () => {
    for (const part of folded) { part.open = part.dataset.was === "open"; }
    for (const box of drawn()) { resize(box, 1, null); }
  });

  function sortBy(table, index, number, button) {
    const head = button.parentElement;
    // Figures are most wanted from the top, names from A.
    const first = number ? "descending" : "ascending";
    const now = head.getAttribute("aria-sort");
    const order = now === null ? first : now === "ascending" ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) { other.removeAttribute("aria-sort"); }
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    const key = (row) => row.cells[index].dataset.sort;
    const rows = Array.from(table.tBodies[0].rows);
    rows.sort((a, b) => {
      const left = key(a), right = key(b);
      if (left === "" || right === "") { return (left === "") - (right === ""); }
      return sign * (number ? Number(left) - Number(right) : left.localeCompare(right, "en", { numeric: true }));
    });
    table.tBodies[0].append(...rows);
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((cell, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      button.addEventListener("click", () => sortBy(table, index, cell.classList.contains("number"), button));
      cell.replaceChildren(button);
    });
  }
})();
