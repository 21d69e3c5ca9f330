// The map of the outlets: what the server tells in data-setup, drawn by MapLibre. Without it the page is a list.

const place = document.getElementById("map");
const setup = JSON.parse(place.dataset.setup);
const POINTS = ["key-points", "points"], GROUPS = ["key-groups", "groups"];
const FRESH_MS = 5_000;

async function begin() {
  const canvas = document.createElement("canvas");
  if (!canvas.getContext("webgl2")) throw new Error("no WebGL");
  const [gl, style, bounds] = await Promise.all([import(setup.library), import(setup.style), extent()]);
  gl.setWorkerUrl(setup.worker);
  const base = await style.underlay(gl, setup);
  const map = new gl.Map({
    container: place, hash: true, maxZoom: 20, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false,
    locale: { "Map.Title": setup.words.map, "NavigationControl.ZoomIn": setup.words.zoom_in, "NavigationControl.ZoomOut": setup.words.zoom_out, "Popup.Close": setup.words.close },
    style: { version: 8, sources: { ...base.sources, ...style.sources(setup) }, layers: [style.ground(), ...base.layers, ...style.layers(setup)] },
    ...opening(bounds),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new gl.NavigationControl({ showCompass: false }));
  map.addControl(new gl.ScaleControl({ maxWidth: 140 }));
  map.addControl(new gl.AttributionControl({ compact: true, customAttribution: setup.attribution || undefined }));
  map.once("idle", () => {
    place.dataset.state = "ready";
    performance.mark("map-ready");
    map.getSource("territories").setData(setup.territories);
  });
  grid(map);
  const popup = cards(gl, map);
  toggles(map);
  fresh(map);
  printing(map);
  if (document.getElementById("drawing")) import(setup.draw).then(({ draw }) => draw(map, setup.words, popup.quiet));
  if (setup.shown) popup.show(setup.shown.id, setup.shown.at);
  place.map = map;
}

// Around which outlets the map opens, where nothing else says it; asked for while the library loads.
async function extent() {
  if (setup.ring || setup.shown || /^#[\d.]+\/-?[\d.]+\//.test(location.hash)) return null;
  const answer = await fetch(setup.extent);
  return answer.ok ? answer.json() : null;
}

// Where the map opens, unless the address says it (#zoom/lat/lon).
function opening(bounds) {
  const ring = setup.ring;
  if (ring) {
    const [lons, lats] = [ring.map(([lon]) => lon), ring.map(([, lat]) => lat)];
    return { bounds: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)], fitBoundsOptions: { padding: 40, maxZoom: 17 }, hash: false };
  }
  if (setup.shown) return { center: setup.shown.at, zoom: 17 };
  if (bounds) return { bounds, fitBoundsOptions: { padding: 30, maxZoom: 16 } };
  return { center: [105, 35], zoom: 3 };
}

// A click on an outlet tells of it, with the way to its archive; a click on a group goes nearer.
function cards(gl, map) {
  let quiet = false;
  const popup = new gl.Popup({ maxWidth: "20rem", focusAfterOpen: true });
  async function show(id, at) {
    const answer = await fetch(`/map/outlets/${id}`, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const card = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".popup");
    if (card) popup.setLngLat(at).setDOMContent(card).addTo(map);
  }
  // Where no outlet is: whose sweep went here and when, or that none did.
  function tell(event) {
    const [swept] = map.queryRenderedFeatures(around(event.point), { layers: ["track", "blank-fill"] });
    if (!swept) return;
    const { kind, who, at, outlets } = swept.properties;
    const day = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", timeZone: setup.zone });
    popup.setLngLat(event.lngLat).setText(kind === "track" ? `${setup.words.walked.replace("{who}", who)} · ${day}` : setup.words.blank.replace("{n}", outlets)).addTo(map);
  }
  map.on("click", (event) => {
    if (quiet) return;
    const [near] = map.queryRenderedFeatures(around(event.point), { layers: [...POINTS, ...GROUPS] });
    if (!near) return tell(event);
    const at = near.geometry.coordinates;
    if (near.properties.id) show(near.properties.id, at);
    else map.easeTo({ center: at, zoom: map.getZoom() + 2 });
  });
  for (const layer of [...POINTS, ...GROUPS]) {
    map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = quiet ? "crosshair" : "pointer"));
    map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = quiet ? "crosshair" : ""));
  }
  for (const link of document.querySelectorAll(".show-there")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const at = [Number(link.dataset.lon), Number(link.dataset.lat)];
      place.scrollIntoView({ block: "nearest" });
      map.jumpTo({ center: at, zoom: Math.max(map.getZoom(), 17) });
      show(link.dataset.outlet, at);
    });
  }
  return {
    show,
    quiet(is) {
      quiet = is;
      if (is) popup.remove();
      map.getCanvas().style.cursor = is ? "crosshair" : "";
    },
  };
}

// A finger is not as sharp as a pointer.
function around({ x, y }) {
  const reach = matchMedia("(pointer: coarse)").matches ? 12 : 4;
  return [[x - reach, y - reach], [x + reach, y + reach]];
}

function toggles(map) {
  const sets = { "show-territories": ["territory-fill", "territory-line", "territory-name"], "show-sweeps": ["blank-fill", "blank-line", "track"] };
  for (const [id, names] of Object.entries(sets)) {
    const box = document.getElementById(id);
    if (!box) continue;
    const put = () => {
      if (id === "show-sweeps" && box.checked) map.getSource("sweeps")?.setData(setup.sweeps);
      for (const name of names) map.setLayoutProperty(name, "visibility", box.checked ? "visible" : "none");
    };
    box.addEventListener("change", put);
    map.once("style.load", put);
  }
}

// What changed in the archive is drawn without a reload, at most every few seconds.
function fresh(map) {
  let waiting = 0;
  document.addEventListener("saojie:changed", ({ detail }) => {
    if (waiting || !(detail.has("territory") || detail.has("pool"))) return;
    waiting = setTimeout(() => {
      waiting = 0;
      map.getSource("outlets").setTiles([tilesAt(Date.now())]);
    }, FRESH_MS);
  });
}

function tilesAt(time) {
  const address = location.origin + setup.tiles;
  return `${address}${address.includes("?") ? "&" : "?"}at=${time}`;
}

// Lines north and east, so that a plain ground has something to hold on to.
function grid(map) {
  const steps = [20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
  const put = () => {
    const box = map.getBounds(), [west, south, east, north] = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()];
    const step = steps.find((one) => (east - west) / one >= 5) ?? steps.at(-1), lines = [];
    for (let lon = Math.ceil(west / step) * step; lon < east; lon += step) lines.push([[lon, south], [lon, north]]);
    for (let lat = Math.ceil(south / step) * step; lat < north; lat += step) lines.push([[west, lat], [east, lat]]);
    map.getSource("grid")?.setData({ type: "Feature", properties: {}, geometry: { type: "MultiLineString", coordinates: lines } });
  };
  map.on("moveend", put);
  map.once("style.load", put);
}

// The canvas is empty when a page is printed, so a picture of it is put beside it first.
function printing(map) {
  const picture = document.createElement("img");
  picture.className = "printed";
  picture.alt = setup.words.map;
  place.after(picture);
  const take = () => {
    map.redraw();
    picture.src = map.getCanvas().toDataURL();
    return picture.decode();
  };
  const button = document.getElementById("print-map");
  if (button) button.onclick = () => take().then(() => window.print());
  addEventListener("beforeprint", () => picture.src || take());
}

begin().catch((error) => {
  place.hidden = true;
  place.dataset.state = "none";
  for (const part of document.querySelectorAll(".with-map, .legend, .show-there")) part.hidden = true;
  const said = document.getElementById("map-none");
  said.textContent = setup.words.none;
  said.hidden = false;
  console.info(`map: ${error.message}`);
});
