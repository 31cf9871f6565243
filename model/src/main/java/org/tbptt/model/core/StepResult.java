package org.tbptt.model.core;

/**
 * What one optimiser step tells.
 *
 * @param loss mean loss of the window before the step, nats per token; not finite once training has
 *     diverged
 * @param gradientNorm L2 norm of all gradients together, before clipping
 * @param clipped whether the gradients were scaled down
 */
public record StepResult(double loss, double gradientNorm, boolean clipped) {}
