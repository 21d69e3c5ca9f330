"""The sandbox: a whole server with a company in it, on this machine alone, that has every bad day on command.

What it does it does by the rooms' own functions; only the network, the clock and a server that refuses are made here.
A deployment that serves people has none of it: nothing but `saojie serve --sandbox` loads this folder.
"""
