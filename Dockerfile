# The program as an image: `docker compose build`. SDK and runtime are those the tests run on.
ARG SDK=10.0.401 RUNTIME=10.0.12

FROM mcr.microsoft.com/dotnet/sdk:${SDK} AS build
WORKDIR /source
COPY . .
RUN dotnet publish src/Cli/Etl.Cli.csproj -c Release -o /app --nologo

FROM mcr.microsoft.com/dotnet/aspnet:${RUNTIME}
COPY --from=build /app /app
# Volumes take owner and mode of the folders they are mounted on.
RUN mkdir /data /lake && chown "$APP_UID:$APP_UID" /data /lake && ln -s /app/etl /usr/local/bin/etl
# The root file system may be read-only: the runtime's own diagnostics would write there.
ENV DOTNET_EnableDiagnostics=0 DOTNET_TieredPGO=0 NO_COLOR=1
USER $APP_UID
WORKDIR /data
ENTRYPOINT ["/app/etl"]
CMD ["up"]
