"""Settings (设置): the company's rules, classes, products, notices, leases and holidays, changed by operations."""
