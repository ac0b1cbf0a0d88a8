"""What a column's values are in the world, beyond how they are stored: prices, postcodes, e-mail addresses."""
