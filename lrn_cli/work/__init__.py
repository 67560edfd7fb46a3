"""Who does the work: threads, processes, a queue, and a heartbeat for what a damaged file may lead in a circle."""
