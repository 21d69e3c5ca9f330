"""Map and archive sheets of a territory for print: 一份公司存档，一份个人携带."""
