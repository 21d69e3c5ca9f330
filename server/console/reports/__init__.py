"""Reports (报表): what the company's rules say of its work, in figures, plots and tables, and as workbooks."""
