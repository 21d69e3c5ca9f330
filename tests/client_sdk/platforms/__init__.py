"""What only a phone has, against a stand-in that keeps to the documented behaviour of the platform."""
