"""The map of the outlets (终端信息地图): tiles, shapes, the page, and territories that are drawn and handed over."""
