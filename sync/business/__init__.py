"""The rules of the dealer's business that a phone and the server both follow: values in, values out."""
