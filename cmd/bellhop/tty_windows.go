package main

// ttyName opens the console that the program was started from.
const ttyName = "CONOUT$"
