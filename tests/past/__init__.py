"""Deployments and phones that past versions made (`fixtures/past`), in the hands of this one."""
