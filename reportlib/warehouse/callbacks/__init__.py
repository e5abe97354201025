"""Providers' callbacks into the campaign database: payload → callback → ledger → the contract's messages and events."""
