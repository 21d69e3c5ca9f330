"""The manager's pages: what each one shows, and what a click in it does. No HTTP; `server.routes.console` speaks it."""
