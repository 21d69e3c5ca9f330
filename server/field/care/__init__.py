"""Care (感情联络): birthdays, festivals, occasions, gifts; key outlets visited by somebody trusted; staff as well."""
