// What the map is drawn with: the ground, whatever basemap the settings name, territories, sweeps, outlets.

const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const INK = dark ? "#e8e6e1" : "#22211f", HALO = dark ? "#1b1c1a" : "#ffffff", LINE = dark ? "#3d413b" : "#d4d8cf", PLAIN = "#6b7280";
const TERRITORIES = ["#1f77b4", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"];
const FONTS = ["sans-serif"];

export const ground = () => ({ id: "ground", type: "background", paint: { "background-color": dark ? "#232622" : "#f1f2ec" } });

const nothing = () => ({ type: "geojson", data: { type: "FeatureCollection", features: [] } });

export function sources(setup) {
  const ring = setup.ring && { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [[...setup.ring, setup.ring[0]]] } };
  return {
    grid: nothing(),
    outlets: { type: "vector", tiles: [location.origin + setup.tiles], maxzoom: 18 },
    territories: nothing(),
    sweeps: nothing(),
    ring: ring ? { type: "geojson", data: ring } : nothing(),
  };
}

// The basemap that lies under all: raster tiles, or an archive of tiles; nothing where none is named.
export async function underlay(gl, setup) {
  const url = setup.basemap;
  if (!url) return { sources: {}, layers: [] };
  const attribution = setup.attribution || undefined;
  if (!new URL(url).pathname.endsWith(".pmtiles")) {
    return { sources: { base: { type: "raster", tiles: [url], tileSize: 256, attribution } }, layers: [raster] };
  }
  await loaded(setup.pmtiles);
  const archive = new pmtiles.PMTiles(url), protocol = new pmtiles.Protocol();
  protocol.add(archive);
  gl.addProtocol("pmtiles", protocol.tile);
  const { tileType } = await archive.getHeader();
  if (tileType !== pmtiles.TileType.Mvt) {
    return { sources: { base: { type: "raster", url: `pmtiles://${url}`, tileSize: 256, attribution } }, layers: [raster] };
  }
  const { vector_layers: names = [] } = await archive.getMetadata();
  return { sources: { base: { type: "vector", url: `pmtiles://${url}`, attribution } }, layers: names.map(({ id }) => vector(id)).filter(Boolean) };
}

const raster = { id: "base", type: "raster", source: "base", paint: { "raster-saturation": -0.4, "raster-brightness-min": 0.15 } };

function loaded(address) {
  return new Promise((done, fail) => document.head.append(Object.assign(document.createElement("script"), { src: address, onload: done, onerror: fail })));
}

// Archives name their layers alike enough: water, land, roads, buildings, borders, places.
function vector(id) {
  const layer = (type, paint, layout = {}) => ({ id: `base-${id}`, type, source: "base", "source-layer": id, paint, layout });
  if (/water/.test(id)) return layer("fill", { "fill-color": dark ? "#1c2a33" : "#cfe3ee" });
  if (/build/.test(id)) return layer("fill", { "fill-color": dark ? "#2c2d29" : "#e4e1d8" });
  if (/road|transport|street/.test(id)) return layer("line", { "line-color": dark ? "#4a4c46" : "#ffffff", "line-width": ["interpolate", ["exponential", 1.6], ["zoom"], 8, 0.5, 18, 12] });
  if (/bound/.test(id)) return layer("line", { "line-color": LINE, "line-dasharray": [3, 2] });
  if (/land|park|earth/.test(id)) return layer("fill", { "fill-color": dark ? "#262a25" : "#eceee6" });
  if (/place/.test(id)) return layer("symbol", { "text-color": INK, "text-halo-color": HALO, "text-halo-width": 1.5 }, { "text-field": ["coalesce", ["get", "name:zh"], ["get", "name"], ""], "text-font": FONTS, "text-size": 13 });
  return null;
}

function colourOf(setup) {
  const pairs = Object.entries(setup.colours).flat();
  return pairs.length ? ["match", ["get", "class"], ...pairs, PLAIN] : PLAIN;
}

const isKey = ["has", "key"], isGroup = ["has", "count"];

function spots(id, key, colour, radius) {
  return {
    id, type: "circle", source: "outlets", "source-layer": "outlets",
    filter: ["all", key ? isKey : ["!", isKey], id.endsWith("groups") ? isGroup : ["!", isGroup]],
    paint: {
      "circle-color": colour, "circle-radius": radius, "circle-stroke-color": HALO, "circle-stroke-width": key ? 1.5 : 1,
      "circle-opacity": id.endsWith("groups") ? 0.85 : 1,
    },
  };
}

function counted(id, key) {
  return {
    id, type: "symbol", source: "outlets", "source-layer": "outlets", filter: ["all", key ? isKey : ["!", isKey], isGroup],
    layout: { "text-field": ["to-string", ["get", "count"]], "text-font": FONTS, "text-size": 12, "text-allow-overlap": key },
    paint: { "text-color": "#ffffff", "text-halo-color": "#00000066", "text-halo-width": 1 },
  };
}

export function layers(setup) {
  const colour = colourOf(setup), turns = ["match", ["get", "colour"], ...TERRITORIES.flatMap((one, turn) => [turn, one]), PLAIN];
  const near = ["interpolate", ["linear"], ["zoom"], 10, 3.5, 14, 6, 18, 10], nearKey = ["interpolate", ["linear"], ["zoom"], 8, 4, 14, 8, 18, 12];
  const many = ["interpolate", ["linear"], ["log10", ["get", "count"]], 0.3, 8, 1, 11, 2, 15, 4, 24];
  const shape = (id, type, source, paint, more = {}) => ({ id, type, source, paint, ...more });
  return [
    shape("grid", "line", "grid", { "line-color": LINE, "line-width": 1 }),
    // Far out there are too many of them to tell apart, and they are most of what a frame costs without a graphics card.
    shape("territory-fill", "fill", "territories", { "fill-color": turns, "fill-opacity": 0.07, "fill-antialias": false }, { minzoom: 12 }),
    shape("territory-line", "line", "territories", { "line-color": turns, "line-width": 1.5, "line-opacity": 0.7 }, { minzoom: 9 }),
    shape("blank-fill", "fill", "sweeps", { "fill-color": "#f59e0b", "fill-opacity": 0.25 }, { filter: ["==", ["get", "kind"], "blank"] }),
    shape("blank-line", "line", "sweeps", { "line-color": "#b45309", "line-width": 1 }, { filter: ["==", ["get", "kind"], "blank"] }),
    shape("track", "line", "sweeps", { "line-color": "#0f766e", "line-width": 3, "line-opacity": 0.75 }, { filter: ["==", ["get", "kind"], "track"], layout: { "line-cap": "round", "line-join": "round" } }),
    spots("groups", false, colour, many),
    counted("group-counts", false),
    spots("points", false, colour, near),
    spots("key-groups", true, setup.key, many),
    counted("key-group-counts", true),
    spots("key-points", true, setup.key, nearKey),
    {
      id: "names", type: "symbol", source: "outlets", "source-layer": "outlets", filter: ["has", "name"], minzoom: 15,
      layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 12, "text-anchor": "top", "text-offset": [0, 0.8], "text-optional": true },
      paint: { "text-color": INK, "text-halo-color": HALO, "text-halo-width": 1.5 },
    },
    {
      id: "territory-name", type: "symbol", source: "territories", minzoom: 11.5, maxzoom: 15,
      layout: { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 14 },
      paint: { "text-color": INK, "text-halo-color": HALO, "text-halo-width": 2 },
    },
    shape("ring-fill", "fill", "ring", { "fill-color": "#1d4ed8", "fill-opacity": 0.15 }),
    shape("ring-line", "line", "ring", { "line-color": "#1d4ed8", "line-width": 2.5 }),
    shape("ring-corners", "circle", "ring", { "circle-radius": 5, "circle-color": "#1d4ed8", "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 }, { filter: ["==", ["geometry-type"], "Point"] }),
  ];
}
