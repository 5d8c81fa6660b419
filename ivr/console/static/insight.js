// Loads the parts of the insight page one after the other, and draws their charts.

const kept = new WeakMap();

// Plotly comes with maps, which put a style element into the page; the policy of the console takes none, and nothing
// here draws a map. While the library is loaded, that element is one without effect. What it sets as a style attribute
// goes through the object model instead, which the policy allows.
function loadPlotly() {
  const make = Document.prototype.createElement;
  document.createElement = function (name, ...more) {
    return make.call(this, name === "style" ? "template" : name, ...more);
  };
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else set.call(this, name, value);
  };
  return new Promise((resolve, reject) => {
    const script = make.call(document, "script");
    script.src = document.getElementById("plotly").dataset.src;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("the charts could not be loaded"));
    document.head.append(script);
  }).finally(() => delete document.createElement);
}

let plotly;

function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(name).trim();
  return {
    accent: named("--desk-accent"), good: named("--good"), bad: named("--bad"), warn: named("--warn"),
    plain: named("--plain"), line: named("--desk-line"), quiet: named("--desk-quiet"), card: named("--desk-card"),
    text: getComputedStyle(document.body).color, font: getComputedStyle(document.body).fontFamily,
  };
}

function faded(colour) {
  const part = (from) => parseInt(colour.slice(from, from + 2), 16);
  return `rgba(${part(1)}, ${part(3)}, ${part(5)}, 0.28)`;
}

function painted(chart, paint) {
  const data = structuredClone(chart.data).map((trace) => {
    if (trace.type === "sankey") {
      trace.arrangement = "snap";
      trace.node = { ...trace.node, color: trace.node.colors.map((name) => paint[name]), pad: 14, thickness: 14,
        line: { width: 0 }, hovertemplate: "%{label}<br>%{value} calls<extra></extra>" };
      trace.link = { ...trace.link, color: trace.link.target.map((to) => faded(paint[trace.node.colors === undefined ? "accent" : chart.data[0].node.colors[to]])),
        hovertemplate: "%{source.label} → %{target.label}<br>%{value} calls<extra></extra>" };
      trace.valueformat = ",d";
    } else {
      trace.marker = { color: paint[trace.color] };
    }
    delete trace.color;
    return trace;
  });
  const axis = { gridcolor: paint.line, zerolinecolor: paint.line, linecolor: paint.line, fixedrange: true };
  const layout = {
    ...chart.layout, height: chart.height, margin: data[0].type === "sankey" ? { t: 12, r: 8, b: 12, l: 8 } : { t: 12, r: 12, b: 40, l: 48 }, paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)", font: { color: paint.text, family: paint.font, size: 12 }, bargap: 0.3,
    hoverlabel: { bgcolor: paint.card, bordercolor: paint.line, font: { color: paint.text, family: paint.font } },
    legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
    xaxis: { ...axis, ...chart.layout.xaxis }, yaxis: { ...axis, ...chart.layout.yaxis },
  };
  return [data, layout, { displayModeBar: false, responsive: true }];
}

async function draw(place) {
  const chart = kept.get(place) ?? JSON.parse(place.querySelector("script").textContent);
  const first = !kept.has(place);
  kept.set(place, chart);
  plotly ??= loadPlotly();
  const library = await plotly;
  await library.react(place, ...painted(chart, colours()));
  if (!first) return;
  place.on("plotly_click", ({ points: [point] }) => {
    const address = chart.data[0].link?.address[point.pointNumber ?? point.index];
    if (address && point.source !== undefined) window.location.assign(address);
  });
}

function failed(part, message) {
  const told = document.getElementById("insight-failed").content.cloneNode(true);
  told.querySelector("p").textContent = message;
  told.querySelector("button").addEventListener("click", () => load(part));
  part.querySelector(".insight-body").replaceChildren(told);
}

async function load(part) {
  const body = part.querySelector(".insight-body");
  part.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(part.dataset.part, { headers: { Accept: "application/json, text/html;q=0.5" } });
    if (answer.status === 401) return window.location.reload();
    if (!answer.ok) {
      const told = await answer.json().catch(() => ({}));
      failed(part, told.error ?? "Something is not available just now.");
    } else {
      body.innerHTML = await answer.text();
      for (const place of body.querySelectorAll(".chart")) {
        place.style.minHeight = `${place.dataset.height}px`;
        await draw(place).catch(() => { place.hidden = true; });
      }
    }
  } catch {
    failed(part, "The line does not answer. Is it running?");
  } finally {
    part.setAttribute("aria-busy", "false");
  }
}

// One after the other: a page of figures never holds more than one thread of the server.
for (const part of document.querySelectorAll("[data-part]")) await load(part);

new MutationObserver(() => {
  for (const place of document.querySelectorAll(".chart")) if (kept.has(place)) draw(place);
}).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });
