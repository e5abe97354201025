"""What all charts and small pictures share: their theme, their words, maps of the week."""
