// Drawing an area on the map: a click for each corner, one back, done, or leave it. What it takes in is the next page.

export function draw(map, words, quiet) {
  const form = document.getElementById("drawing"), start = document.getElementById("draw"), said = document.getElementById("corners-said");
  const corners = [];
  let drawing = false;

  function put() {
    const points = corners.map((at) => ({ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: at } }));
    const line = corners.length > 2 ? { type: "Polygon", coordinates: [[...corners, corners[0]]] } : { type: "LineString", coordinates: corners };
    const shape = corners.length > 1 ? [{ type: "Feature", properties: {}, geometry: line }] : [];
    map.getSource("ring").setData({ type: "FeatureCollection", features: [...shape, ...points] });
    said.textContent = words.corners.replace("{n}", corners.length);
  }

  function turn(is) {
    drawing = is;
    form.hidden = !is;
    quiet(is);
    map.doubleClickZoom[is ? "disable" : "enable"]();
    if (!is) corners.length = 0;
    put();
    if (is) map.getContainer().scrollIntoView({ block: "start" });
    else start.focus();
  }

  start.addEventListener("click", (event) => {
    event.preventDefault();
    turn(true);
  });
  map.on("click", (event) => {
    if (!drawing) return;
    corners.push([event.lngLat.lng, event.lngLat.lat]);
    put();
  });
  document.getElementById("draw-undo").addEventListener("click", () => {
    corners.pop();
    put();
  });
  document.getElementById("draw-leave").addEventListener("click", () => turn(false));
  document.addEventListener("keydown", (event) => drawing && event.key === "Escape" && turn(false));
  form.addEventListener("submit", (event) => {
    if (corners.length < 3) {
      event.preventDefault();
      said.textContent = words.fewer;
      return;
    }
    form.elements.corners.value = corners.map(([lon, lat]) => `${lat.toFixed(6)}, ${lon.toFixed(6)}`).join("\n");
  });
}
