"""Personal data of the people at outlets: consent, how long it is kept, and what one person may ask for."""
